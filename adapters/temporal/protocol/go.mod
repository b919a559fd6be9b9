module hsmspec/adapters/temporal/protocol

go 1.22
