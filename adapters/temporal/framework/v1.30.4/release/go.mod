module hsmspec/adapters/temporal/framework/release

go 1.25.8

require go.temporal.io/server v1.30.4
