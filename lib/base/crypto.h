/* lib/base/crypto.h - the only room that knows OpenSSL */
#ifndef SHR_BASE_CRYPTO_H
#define SHR_BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

int shr__random(void *buf, size_t n); /* 0 or -1 */
int shr__sha256(const void *p, size_t n, uint8_t ret[32]); /* 0 or -1 */

/* AES-256-GCM. SEALED has N + 28 bytes: 12 of NONCE, the text, 16 of the tag. AAD is bound to it. 0 or -1. */
int shr__seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t n_aad, const void *p, size_t n,
	uint8_t *sealed);
/* PLAIN has N - 28 bytes. -1: the wrong key, the wrong AAD, or damaged; PLAIN is then zeroed. */
int shr__unseal(const uint8_t key[32], const void *aad, size_t n_aad, const uint8_t *sealed, size_t n, void *plain);
void shr__wipe(void *p, size_t n);

/* Is SIGNATURE (64 bytes) an Ed25519 signature of the N bytes at P by the public key PEM? 1, 0, or -1: not such a key. */
int shr__ed25519_ok(const char *pem, size_t n_pem, const void *p, size_t n, const uint8_t signature[64]);

#endif
