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

func (w *world) machineData(c call) ([]byte, error) {
	if c.castToA(w.typeOf(c.node)) {
		found, err := hsm.MachineData[*machineA](c.node)
		return answerData(c, found, err)
	}
	found, err := hsm.MachineData[*machineB](c.node)
	return answerData(c, found, err)
}

// transitionTo returns the function of a transition: it binds the machine that it is handed, then runs the script.
func transitionTo[M machine](w *world, c call) func(M) (hsm.TransitionOutput, error) {
	return func(m M) (hsm.TransitionOutput, error) {
		w.machines.Bind(c.Machine, m)
		return w.run(c.Script)
	}
}

// run runs a script and returns its output, which is empty if it fails.
func (w *world) run(script *protocol.Script) (hsm.TransitionOutput, error) {
	if err := w.observer.Run(script); err != nil {
		return hsm.TransitionOutput{}, err
	}
	return hsm.TransitionOutput{Tasks: newTasks(w.generation, script.Tasks)}, nil
}

func (w *world) machineTransition(c call) ([]byte, error) {
	if c.castToA(w.typeOf(c.node)) {
		return c.out, hsm.MachineTransition(c.node, transitionTo[*machineA](w, c))
	}
	return c.out, hsm.MachineTransition(c.node, transitionTo[*machineB](w, c))
}

// newTransition makes a transition of the kind that the operation describes.
func newTransition(
	c call, apply func(machine, int64) (hsm.TransitionOutput, error),
) hsm.Transition[int64, machine, int64] {
	return hsm.NewTransition(c.Transition.Sources, c.Transition.Destination, apply)
}

func (w *world) possible(c call) ([]byte, error) {
	return protocol.AppendBool(c.out, newTransition(c, nil).Possible(c.machine)), nil
}

func (w *world) apply(c call) ([]byte, error) {
	transition := newTransition(c, func(m machine, event int64) (hsm.TransitionOutput, error) {
		w.observer.Saw(func(out []byte) []byte {
			return protocol.AppendList(out, []int64{m.State(), m.data().Value, event}, protocol.AppendInt)
		})
		return w.run(c.Script)
	})
	output, err := transition.Apply(c.machine, c.Number)
	if err != nil {
		return c.out, err
	}
	return appendTasks(c.out, output.Tasks), nil
}
