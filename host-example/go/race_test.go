//go:build race

package interdict

const isRace = true
