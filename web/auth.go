package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Token lets a caller in. It holds the secret's hash only; NewToken makes one.
type Token struct {
	name    string
	role    Role
	partner string
	hash    [sha256.Size]byte
}

// minSecret is the shortest secret taken, in bytes.
const minSecret = 16

// NewToken makes a token. name is shown in logs; partner is required for the
// role partner, and empty otherwise. The error never holds the secret.
func NewToken(name string, role Role, partner, secret string) (Token, error) {
	switch {
	case strings.TrimSpace(name) == "":
		return Token{}, fmt.Errorf("a token of role %q has no name; give it one, it is shown in the log", role)
	case !slices.Contains(Roles(), role):
		return Token{}, fmt.Errorf("token %q: there is no role %q; use one of %v", name, role, Roles())
	case (role == RolePartner) != (partner != ""):
		return Token{}, fmt.Errorf("token %q: the role partner, and only that, needs the partner's name", name)
	case len(secret) < minSecret:
		return Token{}, fmt.Errorf("token %q: the secret has %d characters, at least %d are needed; make one with: openssl rand -hex 24",
			name, len(secret), minSecret)
	case strings.ContainsAny(secret, " \t\r\n"):
		return Token{}, fmt.Errorf("token %q: the secret must not hold spaces or line breaks", name)
	}
	return Token{name: name, role: role, partner: partner, hash: sha256.Sum256([]byte(secret))}, nil
}

// find returns the token of a secret. The time it takes tells nothing: hashes
// are compared, all of them, each in constant time.
func find(tokens []Token, secret string) (Token, bool) {
	hash := sha256.Sum256([]byte(secret))
	at := -1
	for i, t := range tokens {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(t.hash[:], hash[:]), i, at)
	}
	if at < 0 {
		return Token{}, false
	}
	return tokens[at], true
}

type tokenKey struct{}

// caller is the token that a request came with; the zero Token has no role
// and may do nothing.
func caller(ctx context.Context) Token {
	t, _ := ctx.Value(tokenKey{}).(Token)
	return t
}

// authorize lets a request pass if its token may do the operation.
func (a *api) authorize(ctx huma.Context, next func(huma.Context)) {
	op := operation(ctx.Operation().OperationID)
	if public[op] {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token, ok := Token{}, false
	if strings.EqualFold(scheme, "bearer") {
		token, ok = find(a.c.Tokens, strings.TrimSpace(secret))
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer realm="dozvon"`)
		writeProblem(w, http.StatusUnauthorized, "The request has no valid token. Send the header Authorization: Bearer TOKEN with a token of the service's configuration (serve.tokens).")
		return
	}
	note(r.Context(), func(n *notes) { n.token = token.name })
	if !may(token.role, op) {
		writeProblem(w, http.StatusForbidden, fmt.Sprintf("A token of the role %s may not do this (%s). Use a token of one of the roles %v.", token.role, op, permissions[op]))
		return
	}
	next(huma.WithValue(ctx, tokenKey{}, token))
}
