package crm

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Signing by the Standard Webhooks convention, version 1 (symmetric).

const secretPrefix = "whsec_"

// ParseSecret reads a signing secret: "whsec_" and the base64 of 24 to 64
// random bytes. The error never holds the secret.
func ParseSecret(s string) ([]byte, error) {
	const remedy = "make one with: echo whsec_$(openssl rand -base64 32)"
	encoded, ok := strings.CutPrefix(strings.TrimSpace(s), secretPrefix)
	if !ok {
		return nil, fmt.Errorf("a webhook secret must start with %q; %s", secretPrefix, remedy)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("a webhook secret must be base64 after %q; %s", secretPrefix, remedy)
	}
	if len(key) < 24 || len(key) > 64 {
		return nil, fmt.Errorf("a webhook secret must hold 24 to 64 bytes, this one holds %d; %s", len(key), remedy)
	}
	return key, nil
}

// sign returns the value of webhook-signature: a signature per secret, so that
// a receiver can move from one secret to the next.
func sign(keys [][]byte, id string, at time.Time, body []byte) string {
	signatures := make([]string, 0, len(keys))
	for _, key := range keys {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		h.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return strings.Join(signatures, " ")
}
