package store_test

import "testing"

func TestMain(m *testing.M) { verify(m) }
