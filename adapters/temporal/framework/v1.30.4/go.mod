module hsmspec/adapters/temporal/framework/v1.30.4

go 1.25.8

require (
	hsmspec/adapters/temporal/binding v0.0.0
	hsmspec/adapters/temporal/framework v0.0.0
	hsmspec/adapters/temporal/oplog v0.0.0
)

replace (
	hsmspec/adapters/temporal/binding => ../../binding
	hsmspec/adapters/temporal/framework => ../
	hsmspec/adapters/temporal/framework/release => ./release
	hsmspec/adapters/temporal/oplog => ../../oplog
	hsmspec/adapters/temporal/protocol => ../../protocol
)
