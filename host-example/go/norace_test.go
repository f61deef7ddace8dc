//go:build !race

package interdict

const isRace = false
