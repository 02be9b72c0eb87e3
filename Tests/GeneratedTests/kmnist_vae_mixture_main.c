// Trains the convolutional auto-encoder whose prior is learned, and decodes and draws images.
#include "kmnist_vae_mixture.h"

#define VAE(name) kmnist_vae_mixture_##name
#define CODE_SIZE 2
#define FALL 0.97f
#include "image_autoencoder.h"
