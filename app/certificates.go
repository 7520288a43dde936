package app

import (
	"crypto/x509"
	"fmt"
	"os"

	"dozvon/config"
	"dozvon/internal/reason"
)

// certificates reads the authorities that a setting of the configuration names;
// nil: the system's.
func certificates(cfg *config.Config, file, setting string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(cfg.Path(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %s cannot be read: %w; check the path and the file's rights", setting, file, reason.Of(err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: %s holds no certificate in PEM; it is a file with lines such as -----BEGIN CERTIFICATE-----", setting, file)
	}
	return pool, nil
}
