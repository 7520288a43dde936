package storetest_test

import (
	"dozvon/store"
	"dozvon/store/storetest"
)

var _ storetest.Store = (*store.Store)(nil)
