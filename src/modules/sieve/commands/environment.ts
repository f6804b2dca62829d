import type { Checked, Family } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, listNamed, matches } from './matching.ts'

/** RFC 5183, RFC 5235 §3, RFC 6134 §2.7, RFC 6785 §5: what is known of the world around. */
export const environment: Family<Machine> = {
  extensions: ['environment', 'spamtest', 'spamtestplus', 'virustest', 'extlists', 'imapsieve'],
  tags: [{ tag: 'percent', extension: 'spamtestplus', on: ['spamtest'] }],
  tests: [
    {
      name: 'environment',
      extension: 'environment',
      arguments: [
        { name: 'name', type: 'string' },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(1),
      run: (node, machine) => {
        const value = machine.facts.environment[(machine.string(node.values[0]) ?? '').toLowerCase()]
        // §4: an unknown item matches nothing, not even the empty string
        return value !== undefined && matches(node, machine, [value], machine.texts(node.values[1]))
      },
    },
    {
      name: 'spamtest',
      extension: ['spamtest', 'spamtestplus'],
      arguments: [{ name: 'value', type: 'string' }],
      check: checkMatching(0),
      run: spamTest,
    },
    {
      name: 'virustest',
      extension: 'virustest',
      arguments: [{ name: 'value', type: 'string' }],
      check: checkMatching(0),
      run: (node, machine) =>
        matches(node, machine, [String(machine.facts.spam.virus)], machine.texts(node.values[0])),
    },
    {
      name: 'valid_ext_list',
      extension: 'extlists',
      arguments: [{ name: 'ext-list-names', type: 'strings' }],
      run: (node, machine) =>
        machine.texts(node.values[0]).every((name) => listNamed(machine.facts.lists, name) !== undefined),
    },
  ],
}

/** RFC 5235 §3.2: 0 was not looked at, 1 is clean, 10 is spam; with :percent 0 to 100. */
function spamTest(node: Checked, machine: Machine): boolean {
  const { spamPercent } = machine.facts.spam
  const keys = machine.texts(node.values[0])
  if (node.options['match']?.tag === 'count') {
    return matches(node, machine, spamPercent === undefined ? [] : ['x'], keys)
  }
  return matches(node, machine, [String(spamValue(spamPercent, node.options['percent'] !== undefined))], keys)
}

function spamValue(percent: number | undefined, asPercent: boolean): number {
  if (percent === undefined) return 0
  const bounded = Math.min(100, Math.max(0, percent))
  return asPercent ? Math.round(bounded) : 1 + Math.floor((bounded * 9) / 100)
}
