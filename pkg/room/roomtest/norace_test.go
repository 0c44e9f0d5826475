//go:build !race

package roomtest

const raced = false
