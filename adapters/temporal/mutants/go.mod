module hsmspec/adapters/temporal/mutants

go 1.22
