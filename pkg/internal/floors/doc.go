// Package floors holds the order of the tree: which package may import which,
// which packages are pure, and where each library lives.
//
// It is tests alone. The tables in table_test.go are the rules, each with its
// reason; a package or a library that is in no table fails, so that whoever
// adds one says where it belongs.
package floors
