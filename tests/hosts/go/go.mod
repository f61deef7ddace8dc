module interdict.example/driver

go 1.25.0

require (
	golang.org/x/mod v0.36.0
	interdict.example/interdict-host v0.2.0
)

require (
	github.com/tetratelabs/wazero v1.12.0 // indirect
	golang.org/x/sys v0.44.0 // indirect
)

replace interdict.example/interdict-host => ../../../host-example/go
