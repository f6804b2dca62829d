import { createHash } from 'node:crypto'
import { type Checked, type Checking, constantOf, type Family, numberOf } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'

/** RFC 7352. */
export const duplicate: Family<Machine> = {
  extensions: ['duplicate'],
  tags: [
    {
      tag: 'header',
      extension: 'duplicate',
      group: 'id',
      value: 'string',
      on: ['duplicate'],
      check: checkHeader,
    },
    { tag: 'uniqueid', extension: 'duplicate', group: 'id', value: 'string', on: ['duplicate'] },
    { tag: 'handle', extension: 'duplicate', value: 'string', on: ['duplicate'] },
    { tag: 'seconds', extension: 'duplicate', value: 'number', on: ['duplicate'] },
    { tag: 'last', extension: 'duplicate', on: ['duplicate'] },
  ],
  tests: [{ name: 'duplicate', extension: 'duplicate', check, run }],
}

function checkHeader(name: string): string | undefined {
  return /^[\x21-\x39\x3b-\x7e]+$/.test(name) ? undefined : `specified header field name '${name}' is invalid`
}

function check(node: Checked, checking: Checking): void {
  const handle = constantOf(node.options['handle']?.value)
  if (handle !== undefined && handle.length > 1000)
    checking.error(node.at, "the ':handle' of the duplicate test is too long")
}

/** What was seen before is looked up and noted when the delivery is carried out; see `SieveGuard`. */
function run(node: Checked, machine: Machine): boolean {
  const { duplicate } = machine.facts.settings
  const id = uniqueId(node, machine)
  // RFC 7352 §3: without an id nothing is a duplicate
  if (id === undefined) return false
  const seconds = Math.min(
    numberOf(node.options['seconds']?.value) ?? duplicate.defaultSeconds,
    duplicate.maxSeconds,
  )
  const handle = machine.string(node.options['handle']?.value) ?? ''
  const key = `duplicate:${createHash('sha256').update(`${handle}\0${id}`).digest('base64url')}`
  const isSeen = machine.facts.seen.includes(key)
  const renew = node.options['last'] !== undefined
  if ((!isSeen || renew) && machine.guards.every((guard) => guard.key !== key)) {
    machine.guards.push({ key, until: machine.facts.now + seconds * 1000, renew })
  }
  return isSeen
}

function uniqueId(node: Checked, machine: Machine): string | undefined {
  const given = node.options['id']
  if (given?.tag === 'uniqueid') return machine.string(given.value)
  const name = given === undefined ? 'message-id' : (machine.string(given.value) ?? '').toLowerCase()
  const [value] = machine.message.header.decoded(name)
  return value
}
