//go:build tools

// Package tools keeps the programs that the tests build among the requirements of this module.
package tools

import _ "github.com/kserve/kserve/cmd/manager"
