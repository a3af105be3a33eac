/* lib/base/crypto.c - hashing, sealing, signatures and random bytes, by OpenSSL */
#include "crypto.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#define NONCE 12
#define TAG 16

/* The error queue belongs to the thread, and so to the host: each call leaves it as it was. */

int shr__random(void *buf, size_t n)
{
	unsigned char *p = buf;
	int ok = 1;

	ERR_set_mark();
	while (ok && n > 0) {
		int some = n < 65536 ? (int)n : 65536;

		ok = RAND_bytes(p, some) == 1;
		p += some;
		n -= (size_t)some;
	}
	ERR_pop_to_mark();
	return ok ? 0 : -1;
}

int shr__sha256(const void *p, size_t n, uint8_t ret[32])
{
	int ok;

	ERR_set_mark();
	ok = EVP_Digest(n > 0 ? p : "", n, ret, NULL, EVP_sha256(), NULL) == 1;
	ERR_pop_to_mark();
	return ok ? 0 : -1;
}

static int seal_with(EVP_CIPHER_CTX *c, const uint8_t *key, const uint8_t *nonce, const void *aad, size_t n_aad,
	const void *p, size_t n, uint8_t *sealed)
{
	int some;

	if (EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) != 1)
		return -1;
	if (n_aad > 0 && EVP_EncryptUpdate(c, NULL, &some, aad, (int)n_aad) != 1)
		return -1;
	if (n > 0 && EVP_EncryptUpdate(c, sealed + NONCE, &some, p, (int)n) != 1)
		return -1;
	if (EVP_EncryptFinal_ex(c, sealed + NONCE + n, &some) != 1)
		return -1;
	if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, sealed + NONCE + n) != 1)
		return -1;
	memcpy(sealed, nonce, NONCE);
	return 0;
}

int shr__seal(const uint8_t key[32], const uint8_t nonce[12], const void *aad, size_t n_aad, const void *p, size_t n,
	uint8_t *sealed)
{
	EVP_CIPHER_CTX *c;
	int code = -1;

	if (n > INT_MAX || n_aad > INT_MAX)
		return -1;
	ERR_set_mark();
	c = EVP_CIPHER_CTX_new();
	if (c != NULL)
		code = seal_with(c, key, nonce, aad, n_aad, p, n, sealed);
	EVP_CIPHER_CTX_free(c);
	ERR_pop_to_mark();
	return code;
}

static int unseal_with(EVP_CIPHER_CTX *c, const uint8_t *key, const void *aad, size_t n_aad, const uint8_t *sealed,
	size_t n_text, uint8_t *plain)
{
	uint8_t tag[TAG];
	int some;

	memcpy(tag, sealed + NONCE + n_text, TAG);
	if (EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, sealed) != 1)
		return -1;
	if (n_aad > 0 && EVP_DecryptUpdate(c, NULL, &some, aad, (int)n_aad) != 1)
		return -1;
	if (n_text > 0 && EVP_DecryptUpdate(c, plain, &some, sealed + NONCE, (int)n_text) != 1)
		return -1;
	if (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) != 1)
		return -1;
	return EVP_DecryptFinal_ex(c, tag, &some) == 1 ? 0 : -1;
}

int shr__unseal(const uint8_t key[32], const void *aad, size_t n_aad, const uint8_t *sealed, size_t n, void *plain)
{
	EVP_CIPHER_CTX *c;
	int code = -1;

	if (n < NONCE + TAG || n > INT_MAX || n_aad > INT_MAX)
		return -1;
	ERR_set_mark();
	c = EVP_CIPHER_CTX_new();
	if (c != NULL)
		code = unseal_with(c, key, aad, n_aad, sealed, n - NONCE - TAG, plain);
	if (code != 0 && n > NONCE + TAG)
		memset(plain, 0, n - NONCE - TAG);
	EVP_CIPHER_CTX_free(c);
	ERR_pop_to_mark();
	return code;
}

void shr__wipe(void *p, size_t n)
{
	if (p != NULL)
		OPENSSL_cleanse(p, n);
}

/* Without it OpenSSL would ask the terminal for the password of an encrypted PEM. */
static int no_password(char *buf, int size, int writing, void *data)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

static EVP_PKEY *read_key(const char *pem, size_t n_pem)
{
	BIO *bio = n_pem <= INT_MAX ? BIO_new_mem_buf(pem, (int)n_pem) : NULL;
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

int shr__ed25519_ok(const char *pem, size_t n_pem, const void *p, size_t n, const uint8_t signature[64])
{
	EVP_MD_CTX *c = NULL;
	EVP_PKEY *key;
	int code = -1;

	ERR_set_mark();
	key = read_key(pem, n_pem);
	if (key != NULL)
		c = EVP_MD_CTX_new();
	if (c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1)
		code = EVP_DigestVerify(c, signature, 64, n > 0 ? p : "", n) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	ERR_pop_to_mark();
	return code;
}
