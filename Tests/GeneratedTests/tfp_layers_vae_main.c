// Trains the auto-encoder of the layers that make distributions, and decodes and draws images.
#include "tfp_layers_vae.h"

#define VAE(name) tfp_layers_vae_##name
#define CODE_SIZE 16
#define FALL 0.97f
#include "image_autoencoder.h"
