package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
)

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// PutToken adds a token or replaces the one of that name. Only a hash of the
// secret is kept, so the secret must be long and random.
func (s *Store) PutToken(ctx context.Context, k Token, secret string) error {
	if k.Name == "" || len(secret) < 16 {
		return tell(ErrWrongUse, nil, "saving the token %q: a token needs a name and a secret of at least 16 characters", k.Name)
	}
	return s.change(ctx, "saving a token", func(t *tx) error {
		var owner string
		found, err := t.get("SELECT name FROM tokens WHERE hash = ? AND name <> ?", []any{fingerprint([]byte(secret)), k.Name}, &owner)
		if err != nil {
			return err
		}
		if found {
			return tell(ErrWrongUse, nil, "saving the token %q: the token %q has the same secret; give each its own", k.Name, owner)
		}
		_, err = t.exec("INSERT OR REPLACE INTO tokens (name, hash, role, partner, created_at) VALUES (?, ?, ?, ?, ?)",
			k.Name, fingerprint([]byte(secret)), k.Role, k.Partner, nanos(k.CreatedAt))
		return err
	})
}

func scanToken(row scanner) (k Token, err error) {
	var created int64
	err = row.Scan(&k.Name, &k.Role, &k.Partner, &created)
	k.CreatedAt = moment(created)
	return k, err
}

// FindToken returns the token that a secret belongs to; ErrNotFound if none.
func (s *Store) FindToken(ctx context.Context, secret string) (Token, error) {
	k, err := scanToken(s.read.QueryRowContext(ctx, "SELECT name, role, partner, created_at FROM tokens WHERE hash = ?", fingerprint([]byte(secret))))
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, tell(ErrNotFound, nil, "the token is not known")
	}
	return k, s.fault("looking a token up", err)
}

// Tokens returns all tokens by name.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	return collect(ctx, s, "reading tokens", scanToken, "SELECT name, role, partner, created_at FROM tokens ORDER BY name")
}

// DeleteToken takes a token away; ErrNotFound if there is none of that name.
func (s *Store) DeleteToken(ctx context.Context, name string) error {
	return s.change(ctx, "deleting a token", func(t *tx) error {
		changed, err := t.exec("DELETE FROM tokens WHERE name = ?", name)
		if err == nil && changed == 0 {
			err = tell(ErrNotFound, nil, "there is no token %q", name)
		}
		return err
	})
}

// Setting returns a stored setting; found is false if it was never set.
func (s *Store) Setting(ctx context.Context, key string) (value string, found bool, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, s.fault("reading a setting", err)
}

// SetSetting stores a setting.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	return s.change(ctx, "saving a setting", func(t *tx) error {
		_, err := t.exec("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", key, value)
		return err
	})
}
