import { type Checked, type Checking, constantOf, type Family, numberOf } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'
import { bareAddress } from './addresses.ts'
import { flagWords } from './flags.ts'
import { checkMailboxName, mailboxExists, mailboxName, specialMailbox } from './mailboxes.ts'
import { listNamed } from './matching.ts'

/** RFC 5228 §4 and what other documents add: what becomes of the message. */
export const actions: Family<Machine> = {
  extensions: ['fileinto', 'copy', 'redirect-dsn', 'redirect-deliverby', 'reject', 'ereject'],
  tags: [
    // RFC 3894 §3
    { tag: 'copy', extension: 'copy', on: ['fileinto', 'redirect'] },
    { tag: 'flags', extension: 'imap4flags', value: 'strings', on: ['keep', 'fileinto'] },
    { tag: 'create', extension: 'mailbox', on: ['fileinto'] },
    {
      tag: 'specialuse',
      extension: 'special-use',
      value: 'string',
      on: ['fileinto'],
      check: checkSpecialUse,
    },
    { tag: 'mailboxid', extension: 'mailboxid', value: 'string', on: ['fileinto'] },
    { tag: 'list', extension: 'extlists', on: ['redirect'] },
    { tag: 'notify', extension: 'redirect-dsn', value: 'string', on: ['redirect'] },
    { tag: 'ret', extension: 'redirect-dsn', value: 'string', on: ['redirect'] },
    {
      tag: 'bytimeabsolute',
      extension: 'redirect-deliverby',
      group: 'bytime',
      value: 'string',
      on: ['redirect'],
    },
    {
      tag: 'bytimerelative',
      extension: 'redirect-deliverby',
      group: 'bytime',
      value: 'number',
      on: ['redirect'],
    },
    { tag: 'bymode', extension: 'redirect-deliverby', value: 'string', on: ['redirect'], check: checkByMode },
    { tag: 'bytrace', extension: 'redirect-deliverby', on: ['redirect'] },
  ],
  commands: [
    { name: 'keep', run: keep },
    {
      name: 'discard',
      run: (_, machine) => {
        machine.keepsImplicitly = false
        machine.act({ kind: 'discard' })
        return undefined
      },
    },
    {
      name: 'fileinto',
      extension: 'fileinto',
      arguments: [{ name: 'mailbox', type: 'string', check: checkMailboxName }],
      check: checkFileInto,
      run: fileInto,
    },
    {
      name: 'redirect',
      arguments: [{ name: 'address', type: 'string' }],
      check: checkRedirect,
      run: redirect,
    },
    ...(['reject', 'ereject'] as const).map((name) => ({
      name,
      extension: name,
      arguments: [{ name: 'reason', type: 'string' as const }],
      run: reject,
    })),
  ],
}

/** Flags given with the command, or those of the internal variable (RFC 5232 §5). */
function flagsOf(node: Checked, machine: Machine): readonly string[] {
  const given = node.options['flags']
  return given === undefined ? machine.flags : flagWords(machine.texts(given.value))
}

function keep(node: Checked, machine: Machine): undefined {
  refuseAfterReject(machine, 'keep')
  machine.keepsImplicitly = false
  machine.act({
    kind: 'file',
    mailbox: undefined,
    create: false,
    flags: flagsOf(node, machine),
    version: machine.message.version(),
    implicit: false,
  })
}

function checkFileInto(node: Checked, checking: Checking): void {
  const { specialuse, mailboxid } = node.options
  // RFC 9042 §3: both would name the target
  if (specialuse !== undefined && mailboxid !== undefined) {
    checking.error(mailboxid.at, "':mailboxid' and ':specialuse' of the fileinto command exclude each other")
  }
}

/** RFC 5228 §4.1; RFC 8579 §3.2, RFC 9042 §3: what stands for the name where it finds something. */
function fileInto(node: Checked, machine: Machine): undefined {
  refuseAfterReject(machine, 'fileinto')
  const { copy, create, specialuse, mailboxid } = node.options
  const name = mailboxName(machine, machine.string(node.values[0]) ?? '')
  const id = mailboxid === undefined ? undefined : machine.string(mailboxid.value)
  const byId = machine.facts.mailboxes.find((mailbox) => mailbox.id === id)?.name
  const use = specialuse === undefined ? undefined : machine.string(specialuse.value)
  const special = use === undefined ? undefined : specialMailbox(machine, use)
  const mailbox = byId ?? special?.name ?? name
  const isThere = mailboxExists(machine, mailbox)
  if (copy === undefined) machine.keepsImplicitly = false
  machine.act({
    kind: 'file',
    mailbox,
    create: create !== undefined && !isThere,
    flags: flagsOf(node, machine),
    version: machine.message.version(),
    implicit: false,
  })
}

function checkSpecialUse(flag: string): string | undefined {
  return /^\\[A-Za-z]+$/.test(flag) ? undefined : `'${flag}' is no special-use flag`
}

function checkByMode(mode: string): string | undefined {
  return /^(?:notify|return)$/i.test(mode) ? undefined : `':bymode' must be "notify" or "return"`
}

function checkRedirect(node: Checked, checking: Checking): void {
  const address = constantOf(node.values[0])
  const isList = node.options['list'] !== undefined
  if (address !== undefined && !isList && bareAddress(address) === undefined) {
    checking.error(node.at, `specified address '${address}' is invalid for the redirect command`)
  }
  const ret = constantOf(node.options['ret']?.value)
  if (ret !== undefined && !/^(?:full|hdrs)$/i.test(ret))
    checking.error(node.at, `':ret' must be "FULL" or "HDRS"`)
  const notify = constantOf(node.options['notify']?.value)
  if (notify !== undefined && !notifyList.test(notify)) {
    checking.error(node.at, `':notify' must be "NEVER", or a list of "SUCCESS", "FAILURE" and "DELAY"`)
  }
  const hasTime = node.options['bytime'] !== undefined
  if (!hasTime && (node.options['bymode'] ?? node.options['bytrace']) !== undefined) {
    checking.error(node.at, "':bymode' and ':bytrace' need ':bytimerelative' or ':bytimeabsolute'")
  }
}

/** RFC 3461 §4.1. */
const notifyList = /^(?:never|(?:success|failure|delay)(?:,(?:success|failure|delay)){0,2})$/i

function redirect(node: Checked, machine: Machine): undefined {
  refuseAfterReject(machine, 'redirect')
  for (const to of recipientsOf(node, machine)) addRedirect(node, machine, to)
  if (node.options['copy'] === undefined) machine.keepsImplicitly = false
}

/** RFC 6134 §2.5. */
function recipientsOf(node: Checked, machine: Machine): readonly string[] {
  const target = machine.string(node.values[0]) ?? ''
  const named = node.options['list'] === undefined ? [target] : membersOf(machine, target)
  return named.map(
    (text) => bareAddress(text) ?? machine.fail(`specified redirect address '${text}' is invalid`),
  )
}

function membersOf(machine: Machine, list: string): readonly string[] {
  return listNamed(machine.facts.lists, list) ?? machine.fail(`the list '${list}' is not there`)
}

function addRedirect(node: Checked, machine: Machine, to: string): void {
  const { redirects } = machine.facts.settings.limits
  const earlier = machine.actions.filter((action) => action.kind === 'redirect')
  if (earlier.some((action) => action.to.toLowerCase() === to.toLowerCase())) return
  if (earlier.length >= redirects)
    machine.fail(`the number of redirect actions exceeds policy limit (${redirects})`)
  machine.act({
    kind: 'redirect',
    to,
    version: machine.message.version(),
    notify: machine.string(node.options['notify']?.value)?.toUpperCase(),
    ret: retOf(machine.string(node.options['ret']?.value)),
    deliverBy: deliverBy(node, machine),
  })
}

function retOf(text: string | undefined): 'FULL' | 'HDRS' | undefined {
  const upper = text?.toUpperCase()
  return upper === 'FULL' || upper === 'HDRS' ? upper : undefined
}

/** RFC 6009 §6. */
function deliverBy(node: Checked, machine: Machine) {
  const time = node.options['bytime']
  if (time === undefined) return undefined
  const mode = machine.string(node.options['bymode']?.value)?.toLowerCase()
  const at =
    time.tag === 'bytimerelative'
      ? machine.facts.now + (numberOf(time.value) ?? 0) * 1000
      : Date.parse(machine.string(time.value) ?? '')
  if (Number.isNaN(at)) machine.fail("':bytimeabsolute' must be a date and time as 2030-01-31T12:00:00Z")
  return {
    at,
    mode: mode === 'return' ? ('return' as const) : ('notify' as const),
    trace: node.options['bytrace'] !== undefined,
  }
}

/** RFC 5429 §2.1, §2.2. */
function reject(node: Checked, machine: Machine): undefined {
  // §2.5: what was refused must not also be kept or answered
  const conflict = machine.actions.find(({ kind }) => kind !== 'discard')
  if (conflict !== undefined)
    machine.fail(`${node.name} conflicts with an action before it, in line ${conflict.by?.line}`)
  machine.keepsImplicitly = false
  machine.act({
    kind: 'reject',
    reason: machine.string(node.values[0]) ?? '',
    prefers: node.name === 'ereject' ? 'smtp' : 'message',
  })
}

/** What sends or keeps cannot follow a refusal. */
export function refuseAfterReject(machine: Machine, name: string): void {
  const earlier = machine.actions.find(({ kind }) => kind === 'reject')
  if (earlier !== undefined) machine.fail(`${name} conflicts with the reject in line ${earlier.by?.line}`)
}
