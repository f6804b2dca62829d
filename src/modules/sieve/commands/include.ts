import { type Checked, type Checking, constantsOf, type Family } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'

/** RFC 6609. */
export const include: Family<Machine> = {
  extensions: ['include'],
  tags: [
    { tag: 'personal', extension: 'include', group: 'location', on: ['include'] },
    { tag: 'global', extension: 'include', group: 'location', on: ['include'] },
    { tag: 'once', extension: 'include', on: ['include'] },
    { tag: 'optional', extension: 'include', on: ['include'] },
  ],
  commands: [
    {
      name: 'include',
      extension: 'include',
      arguments: [{ name: 'script name', type: 'string', constant: true, check: checkScriptName }],
      run: (node, machine) => {
        const { target } = node
        if (target === undefined || target >= 0)
          return machine.include(target ?? -1, node.options['once'] !== undefined)
        const name = machine.string(node.values[0]) ?? ''
        return node.options['optional'] === undefined
          ? machine.fail(`the included script '${name}' does not exist`)
          : undefined
      },
    },
    { name: 'return', extension: 'include', run: () => ({ kind: 'return' }) },
    {
      name: 'global',
      extension: 'include',
      arguments: [{ name: 'variables', type: 'strings', constant: true }],
      check: checkGlobal,
      run: (node, machine) => {
        for (const name of constantsOf(node.values[0])) machine.declareGlobal(name)
        return undefined
      },
    },
  ],
}

/** RFC 5804 §1.6: what a script may be called; a slash would leave its folder. */
function checkScriptName(name: string): string | undefined {
  const isFine =
    name !== '' && Buffer.byteLength(name) <= 512 && !/[\0-\x1f\x7f-\x9f\u2028\u2029/]/.test(name)
  return isFine ? undefined : `invalid script name '${name.slice(0, 80)}'`
}

function checkGlobal(node: Checked, checking: Checking): void {
  if (!checking.has('variables')) checking.error(node.at, 'the global command needs require "variables"')
  for (const name of constantsOf(node.values[0])) {
    if (!/^[a-z_][a-z0-9_]*$/i.test(name)) checking.error(node.at, `invalid variable name '${name}'`)
    checking.globals.add(name.toLowerCase())
  }
}
