import type { Checked, Family } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'

const isTrue = (node: Checked, machine: Machine) => {
  const [test] = node.tests
  return test !== undefined && machine.test(test)
}

/** RFC 5228 §3 and the tests that only join others (§5.2, §5.3, §5.4, §5.8, §5.10). */
export const control: Family<Machine> = {
  extensions: ['encoded-character', 'ihave'],
  commands: [
    { name: 'require', arguments: [{ name: 'capabilities', type: 'strings' }], run: () => undefined },
    {
      name: 'if',
      tests: 'one',
      block: true,
      run: (node, machine) => {
        machine.branchTaken = isTrue(node, machine)
        return machine.branchTaken ? taken(node, machine) : undefined
      },
    },
    {
      name: 'elsif',
      tests: 'one',
      block: true,
      run: (node, machine) => {
        if (machine.branchTaken) return undefined
        machine.branchTaken = isTrue(node, machine)
        return machine.branchTaken ? taken(node, machine) : undefined
      },
    },
    {
      name: 'else',
      block: true,
      run: (node, machine) => (machine.branchTaken ? undefined : taken(node, machine)),
    },
    { name: 'stop', run: () => ({ kind: 'stop' }) },
    // RFC 5463 §5
    {
      name: 'error',
      extension: 'ihave',
      arguments: [{ name: 'message', type: 'string' }],
      run: (node, machine) => machine.fail(machine.string(node.values[0]) ?? ''),
    },
  ],
  tests: [
    { name: 'true', run: () => true },
    { name: 'false', run: () => false },
    { name: 'not', tests: 'one', run: (node, machine) => !isTrue(node, machine) },
    { name: 'allof', tests: 'list', run: (node, machine) => node.tests.every((test) => machine.test(test)) },
    { name: 'anyof', tests: 'list', run: (node, machine) => node.tests.some((test) => machine.test(test)) },
    // RFC 5463 §4: the checker has seen to what it enables
    {
      name: 'ihave',
      extension: 'ihave',
      arguments: [{ name: 'capabilities', type: 'strings', constant: true }],
      run: (node, machine) =>
        machine
          .texts(node.values[0])
          .every((name) => machine.knows(name) && name !== 'variables' && name !== 'encoded-character'),
    },
  ],
}

/** The branch that was taken is known again when its block is over, whatever stood inside. */
function taken(node: Checked, machine: Machine) {
  const flow = machine.because(node)
  machine.branchTaken = true
  return flow
}
