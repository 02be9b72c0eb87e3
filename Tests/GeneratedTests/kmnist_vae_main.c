// Trains the convolutional auto-encoder, and decodes and draws images.
#include "kmnist_vae.h"

#define VAE(name) kmnist_vae_##name
#define CODE_SIZE 2
#define FALL 0.97f
#include "image_autoencoder.h"
