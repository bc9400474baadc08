package s3server

import (
	"slices"
	"sync"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"
)

// accounts holds the accounts of a server by access key.
type accounts struct {
	mu    sync.RWMutex
	byKey map[string]auth.Account
}

func newAccounts(c *config) *accounts {
	a := &accounts{byKey: make(map[string]auth.Account)}
	a.byKey[c.accessKey] = auth.Account{Access: c.accessKey, Secret: c.secretKey, Role: auth.RoleAdmin}
	for _, account := range c.accounts {
		role := auth.RoleUser
		if account.Admin {
			role = auth.RoleAdmin
		}
		a.CreateAccount(auth.Account{Access: account.AccessKey, Secret: account.SecretKey, Role: role})
	}
	return a
}

// CreateAccount adds an account, unless there is one with its access key.
func (a *accounts) CreateAccount(account auth.Account) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.byKey[account.Access]; taken {
		return s3err.GetAPIError(s3err.ErrAdminUserExists)
	}
	a.byKey[account.Access] = account
	return nil
}

// GetUserAccount returns the account with an access key.
func (a *accounts) GetUserAccount(access string) (auth.Account, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	account, ok := a.byKey[access]
	if !ok {
		return auth.Account{}, auth.ErrNoSuchUser
	}
	return account, nil
}

// ResolveAccounts returns those of the access keys that have no account.
func (a *accounts) ResolveAccounts(keys []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, err := a.GetUserAccount(key)
		return err == nil
	}), nil
}

// UpdateUserAccount is not supported.
func (a *accounts) UpdateUserAccount(string, auth.MutableProps) error {
	return s3err.GetAPIError(s3err.ErrAdminMethodNotSupported)
}

// DeleteUserAccount removes an account.
func (a *accounts) DeleteUserAccount(access string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byKey, access)
	return nil
}

// ListUserAccounts lists the accounts.
func (a *accounts) ListUserAccounts() (all []auth.Account, err error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, account := range a.byKey {
		all = append(all, account)
	}
	return all, nil
}

// Shutdown does nothing.
func (a *accounts) Shutdown() error { return nil }
