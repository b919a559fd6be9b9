package binding

import (
	"go.temporal.io/server/service/history/hsm"
	"hsmspec/adapters/temporal/protocol"
)

// castToA tells whether an operation casts data of a type to class A.
func (c call) castToA(machineType int32) bool {
	return classA(machineType) != c.OtherCast
}

// answerData appends the data that was asked for.
func answerData[M machine](c call, found M, err error) ([]byte, error) {
	if err != nil {
		return c.out, err
	}
	return protocol.AppendData(c.out, *found.data()), nil
}

func (w *World) machineData(c call) ([]byte, error) {
	if c.castToA(w.typeOf(c.node)) {
		found, err := hsm.MachineData[*machineA](c.node)
		return answerData(c, found, err)
	}
	found, err := hsm.MachineData[*machineB](c.node)
	return answerData(c, found, err)
}

// transitionTo returns the function of a transition: it binds the machine that it is handed, then runs the script.
func transitionTo[M machine](w *World, c call) func(M) (hsm.TransitionOutput, error) {
	return func(m M) (hsm.TransitionOutput, error) {
		w.machines.Bind(c.Machine, m)
		return w.run(c.Script)
	}
}

// run runs a script and returns its output, which is empty if it fails.
func (w *World) run(script *protocol.Script) (hsm.TransitionOutput, error) {
	if err := w.observer.Run(script); err != nil {
		return hsm.TransitionOutput{}, err
	}
	return hsm.TransitionOutput{Tasks: newTasks(w.generation, script.Tasks, w.Fraction)}, nil
}

func (w *World) machineTransition(c call) ([]byte, error) {
	if c.castToA(w.typeOf(c.node)) {
		return c.out, hsm.MachineTransition(c.node, transitionTo[*machineA](w, c))
	}
	return c.out, hsm.MachineTransition(c.node, transitionTo[*machineB](w, c))
}

// applyFunction is the apply function of a transition.
type applyFunction func(machine, int64) (hsm.TransitionOutput, error)

// newTransition keeps a transition whose apply function is that of the operation which applies it.
func (w *World) newTransition(c call) ([]byte, error) {
	w.transitions.Bind(c.Kept, hsm.NewTransition(c.Transition.Sources, c.Transition.Destination,
		func(m machine, event int64) (hsm.TransitionOutput, error) {
			return w.applying[len(w.applying)-1](m, event)
		}))
	return c.out, nil
}

// transitionOf returns the transition that an operation names, or a new one.
func (w *World) transitionOf(c call, apply applyFunction) (hsm.Transition[int64, machine, int64], bool) {
	if c.Kept == protocol.NoHandle {
		return hsm.NewTransition(c.Transition.Sources, c.Transition.Destination, apply), true
	}
	return w.transitions.Get(c.Kept)
}

func (w *World) possible(c call) ([]byte, error) {
	transition, bound := w.transitionOf(c, nil)
	if !bound {
		return c.out, protocol.ErrUnbound
	}
	return protocol.AppendBool(c.out, transition.Possible(c.machine)), nil
}

func (w *World) apply(c call) ([]byte, error) {
	function := func(m machine, event int64) (hsm.TransitionOutput, error) {
		w.observer.Saw(func(out []byte) []byte {
			return protocol.AppendList(out, []int64{m.State(), m.data().Value, event}, protocol.AppendInt)
		})
		return w.run(c.Script)
	}
	transition, bound := w.transitionOf(c, function)
	if !bound {
		return c.out, protocol.ErrUnbound
	}
	depth := len(w.applying)
	w.applying = append(w.applying, function)
	defer func() { w.applying = w.applying[:depth] }()
	output, err := transition.Apply(c.machine, c.Number)
	if err != nil {
		return c.out, err
	}
	return appendTasks(c.out, output.Tasks), nil
}
