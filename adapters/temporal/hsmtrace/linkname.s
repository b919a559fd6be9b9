// Functions without a body, which owner.go links to the runtime's, need an assembly file in the package.
