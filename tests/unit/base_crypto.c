/* tests/unit/base_crypto.c - published vectors, and what must be refused */
#include "unit.h"

#include "base/crypto.h"

#include <string.h>

static void from_hex(const char *hex, uint8_t *ret)
{
	for (size_t i = 0; hex[2 * i] != '\0'; i++) {
		const char byte[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ret[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

START_TEST(sha256_of_the_standard)
{
	uint8_t want[32], got[32];

	from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want);
	ck_assert_int_eq(shr__sha256("abc", 3, got), 0);
	ck_assert_mem_eq(got, want, 32);
	from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", want);
	ck_assert_int_eq(shr__sha256(NULL, 0, got), 0);
	ck_assert_mem_eq(got, want, 32);
}
END_TEST

START_TEST(random_differs)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	ck_assert_int_eq(shr__random(a, sizeof(a)), 0);
	ck_assert_int_eq(shr__random(b, sizeof(b)), 0);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_int_eq(shr__random(NULL, 0), 0);
}
END_TEST

START_TEST(random_fills_all_of_a_large_buffer)
{
	static uint8_t large[200000];
	size_t zeros = 0;

	ck_assert_int_eq(shr__random(large, sizeof(large)), 0);
	for (size_t i = sizeof(large) - 1000; i < sizeof(large); i++)
		zeros += large[i] == 0;
	ck_assert_uint_lt(zeros, 100);
}
END_TEST

/* AES-256-GCM, test case 14 of the GCM specification. */
START_TEST(seal_is_the_standards)
{
	static const uint8_t key[32], nonce[12], plain[16];
	uint8_t sealed[44], want[44] = { 0 };

	from_hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919", want + 12);
	ck_assert_int_eq(shr__seal(key, nonce, NULL, 0, plain, 16, sealed), 0);
	ck_assert_mem_eq(sealed, want, 44);
}
END_TEST

static const uint8_t key[32] = "this is a key of thirty-two byte";
static const uint8_t nonce[12] = "twelve bytes";
#define TEXT "a secret"
#define N (sizeof(TEXT) + 28)

static void seal(uint8_t sealed[N])
{
	ck_assert_int_eq(shr__seal(key, nonce, "aad", 3, TEXT, sizeof(TEXT), sealed), 0);
}

START_TEST(unseal_gives_the_text_back)
{
	uint8_t sealed[N];
	char plain[sizeof(TEXT)];

	seal(sealed);
	ck_assert_int_eq(shr__unseal(key, "aad", 3, sealed, N, plain), 0);
	ck_assert_str_eq(plain, TEXT);
}
END_TEST

START_TEST(seal_of_nothing_is_checked_too)
{
	uint8_t sealed[28];

	ck_assert_int_eq(shr__seal(key, nonce, "aad", 3, NULL, 0, sealed), 0);
	ck_assert_int_eq(shr__unseal(key, "aad", 3, sealed, 28, NULL), 0);
	ck_assert_int_eq(shr__unseal(key, "AAD", 3, sealed, 28, NULL), -1);
}
END_TEST

START_TEST(unseal_refuses_each_flipped_bit)
{
	static const char zeros[sizeof(TEXT)];
	uint8_t sealed[N];
	char plain[sizeof(TEXT)];

	seal(sealed);
	for (size_t bit = 0; bit < 8 * N; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(plain, 'x', sizeof(plain));
		ck_assert_int_eq(shr__unseal(key, "aad", 3, sealed, N, plain), -1);
		ck_assert_mem_eq(plain, zeros, sizeof(plain));
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
END_TEST

START_TEST(unseal_refuses_another_key_aad_or_length)
{
	static const uint8_t other[32] = "this is a key of thirty-two BYTE";
	uint8_t sealed[N];
	char plain[N];

	seal(sealed);
	ck_assert_int_eq(shr__unseal(other, "aad", 3, sealed, N, plain), -1);
	ck_assert_int_eq(shr__unseal(key, "aad2", 4, sealed, N, plain), -1);
	ck_assert_int_eq(shr__unseal(key, NULL, 0, sealed, N, plain), -1);
	for (size_t n = 0; n < N; n++)
		ck_assert_int_eq(shr__unseal(key, "aad", 3, sealed, n, plain), -1);
}
END_TEST

START_TEST(wipe_leaves_zeros)
{
	static const char zeros[8];
	char secret[8] = "secret";

	shr__wipe(secret, sizeof(secret));
	ck_assert_mem_eq(secret, zeros, sizeof(secret));
	shr__wipe(NULL, 0);
}
END_TEST

/* RFC 8032, section 7.1, test 2. */
#define BEGIN "-----BEGIN PUBLIC KEY-----\n"
#define END "-----END PUBLIC KEY-----\n"
static const char public_key[] = BEGIN "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n" END;
#define SIGNATURE \
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" \
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"

START_TEST(ed25519_takes_the_standards_signature)
{
	uint8_t signature[64];

	from_hex(SIGNATURE, signature);
	ck_assert_int_eq(shr__ed25519_ok(public_key, strlen(public_key), "\x72", 1, signature), 1);
}
END_TEST

START_TEST(ed25519_refuses_another_text_or_signature)
{
	uint8_t signature[64];

	from_hex(SIGNATURE, signature);
	ck_assert_int_eq(shr__ed25519_ok(public_key, strlen(public_key), "\x73", 1, signature), 0);
	ck_assert_int_eq(shr__ed25519_ok(public_key, strlen(public_key), "\x72\x72", 2, signature), 0);
	ck_assert_int_eq(shr__ed25519_ok(public_key, strlen(public_key), NULL, 0, signature), 0);
	for (int i = 0; i < 64; i++) {
		signature[i] ^= 4;
		ck_assert_int_eq(shr__ed25519_ok(public_key, strlen(public_key), "\x72", 1, signature), 0);
		signature[i] ^= 4;
	}
}
END_TEST

START_TEST(ed25519_knows_what_is_not_its_key)
{
	static const char *const keys[] = {
		"", "nonsense", BEGIN END, BEGIN "!!!!\n" END,
		/* a good key, on another curve */
		BEGIN "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEfVU7dwtNLv3x/S6CFgsI09V3FtR\n"
		"Xn1mZNqD/tx1cu9WS8/bZWf14zZM/veAlMCmqUpuw5NVIfPsotTUbZOKGQ==\n" END,
		/* encrypted: nobody is asked for a password */
		BEGIN "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
		"MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n" END,
	};
	uint8_t signature[64];

	from_hex(SIGNATURE, signature);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		ck_assert_int_eq(shr__ed25519_ok(keys[i], strlen(keys[i]), "\x72", 1, signature), -1);
}
END_TEST

UNIT_MAIN(base_crypto, sha256_of_the_standard, random_differs, random_fills_all_of_a_large_buffer,
	seal_is_the_standards, unseal_gives_the_text_back, seal_of_nothing_is_checked_too, unseal_refuses_each_flipped_bit,
	unseal_refuses_another_key_aad_or_length, wipe_leaves_zeros, ed25519_takes_the_standards_signature,
	ed25519_refuses_another_text_or_signature, ed25519_knows_what_is_not_its_key)
