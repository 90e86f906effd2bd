/** A certificate as people make it for their own machine: `openssl req -x509 -subj /CN=localhost`. For tests alone. */
export const certificate = (): { readonly key: string; readonly cert: string } => ({
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgawSBs2c/99iYX2ir
qxesBPNxC0Z1Jaer96VZkrUS0F6hRANCAASKEvEJ2gxhIv5JEAeWmCyPFLRQv9gp
EiikBjIcVZSuL3B0E9e+U8h0QDsUODRUdcGPuxEOza07eDr25lW0EZQj
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUSuQtCmHliZ8zYzZ8lXRLTfvfPVYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODE2NTAzNFoYDzIxMjYxMTA0
MTY1MDM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASKEvEJ2gxhIv5JEAeWmCyPFLRQv9gpEiikBjIcVZSuL3B0E9e+U8h0
QDsUODRUdcGPuxEOza07eDr25lW0EZQjo1MwUTAdBgNVHQ4EFgQUAFwlmlRoIhhH
eP+hS/5B1EsifxgwHwYDVR0jBBgwFoAUAFwlmlRoIhhHeP+hS/5B1EsifxgwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBg6UDxGy9MWREp06ZXITR9
fb7JUw4KMfnAlUuGh9VNcAIhAI2QWKPbBE7cZ4dycccOYcXx3QwW4s9DGrlEz9ex
j/hh
-----END CERTIFICATE-----
`,
});
