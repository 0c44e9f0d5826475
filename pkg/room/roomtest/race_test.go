//go:build race

package roomtest

const raced = true
