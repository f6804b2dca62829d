import { type Checked, type Checking, constantOf, constantsOf, type Family } from '../language/spec.ts'
import { namedAddress, writeOutgoing } from '../message/outgoing.ts'
import type { Machine } from '../run/machine.ts'
import { bareAddress, type NamedAddress } from './addresses.ts'
import { checkFcc, copyOf, fccTags } from './fcc.ts'
import { type Mailto, readMailto } from './mailto.ts'
import { checkMatching, matches } from './matching.ts'

/** RFC 5435, RFC 5436, RFC 8580. */
export const notify: Family<Machine> = {
  extensions: ['enotify', 'fcc'],
  tags: [
    { tag: 'from', extension: 'enotify', value: 'string', on: ['notify'], check: checkFrom },
    { tag: 'importance', extension: 'enotify', value: 'string', on: ['notify'], check: checkImportance },
    { tag: 'options', extension: 'enotify', value: 'strings', on: ['notify'] },
    { tag: 'message', extension: 'enotify', value: 'string', on: ['notify'] },
    ...fccTags,
  ],
  commands: [
    {
      name: 'notify',
      extension: 'enotify',
      arguments: [{ name: 'method', type: 'string', check: checkMethod }],
      check,
      run,
    },
  ],
  tests: [
    {
      name: 'valid_notify_method',
      extension: 'enotify',
      arguments: [{ name: 'notification-uris', type: 'strings' }],
      run: (node, machine) => machine.texts(node.values[0]).every((uri) => readMailto(uri).kind === 'mailto'),
    },
    {
      name: 'notify_method_capability',
      extension: 'enotify',
      arguments: [
        { name: 'notification-uri', type: 'string' },
        { name: 'notification-capability', type: 'string' },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(2),
      run: capability,
    },
  ],
}

function checkFrom(text: string): string | undefined {
  return bareAddress(text) === undefined
    ? `specified :from address '${text}' is invalid for the mailto method`
    : undefined
}

function checkImportance(text: string): string | undefined {
  return /^[123]$/.test(text) ? undefined : "the ':importance' of a notification is 1, 2 or 3"
}

function checkMethod(uri: string): string | undefined {
  const read = readMailto(uri)
  return read.kind === 'wrong' ? `invalid notification method: ${read.message}` : undefined
}

function check(node: Checked, checking: Checking): void {
  checkFcc(node, checking)
  for (const option of constantsOf(node.options['options']?.value)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*=[^\r\n]*$/.test(option))
      checking.error(node.at, `invalid notification option '${option}'`)
    // RFC 5436 §2: the mailto method has none
    else checking.warn(node.at, `the mailto method does not know the option '${option}'`)
  }
  const uri = constantOf(node.values[0])
  const read = uri === undefined ? undefined : readMailto(uri)
  if (read?.kind === 'mailto' && recipientsOf(read.mailto).length === 0) {
    checking.warn(node.at, 'the notification names no recipients')
  }
}

function capability(node: Checked, machine: Machine): boolean {
  const [uri, name, keys] = node.values
  const isMailto = readMailto(machine.string(uri) ?? '').kind === 'mailto'
  // RFC 5436 §2.8: whether somebody reads it now cannot be known
  if (!isMailto || (machine.string(name) ?? '').toLowerCase() !== 'online') return false
  return matches(node, machine, ['maybe'], machine.texts(keys))
}

function recipientsOf({ to, cc, bcc }: Mailto): readonly NamedAddress[] {
  return [...to, ...cc, ...bcc]
}

/** Each recipient hears of a message once, whatever the script says. */
function withoutNotified(mailto: Mailto, machine: Machine): Mailto {
  const seen = new Set(
    machine.actions
      .flatMap((action) => (action.kind === 'send' && action.purpose === 'notification' ? action.to : []))
      .map((address) => address.toLowerCase()),
  )
  const fresh = (list: readonly NamedAddress[]) =>
    list.filter(({ address }) => {
      const isNew = !seen.has(address.toLowerCase())
      seen.add(address.toLowerCase())
      return isNew
    })
  return { ...mailto, to: fresh(mailto.to), cc: fresh(mailto.cc), bcc: fresh(mailto.bcc) }
}

function run(node: Checked, machine: Machine): undefined {
  const read = readMailto(machine.string(node.values[0]) ?? '')
  if (read.kind === 'wrong') return machine.fail(`invalid notification method: ${read.message}`)
  const mailto = withoutNotified(read.mailto, machine)
  const to = recipientsOf(mailto).map(({ address }) => address)
  const { header } = machine.message.view.root
  // RFC 5436 §3: what was sent automatically must not make notifications
  const isAutomatic = header.named('auto-submitted').some(({ text }) => !/^no\b/i.test(text))
  if (to.length === 0 || isAutomatic) {
    machine.warn(
      isAutomatic ? 'no notification: the message was sent automatically' : 'no notification: no recipients',
    )
    return undefined
  }
  const { notifications } = machine.facts.settings.limits
  const earlier = machine.actions.filter(
    (action) => action.kind === 'send' && action.purpose === 'notification',
  )
  if (earlier.length >= notifications)
    machine.fail(`the script sends more than ${notifications} notifications`)
  send(node, machine, mailto, to)
}

function send(node: Checked, machine: Machine, mailto: Mailto, to: readonly string[]): void {
  const { owner, now, seed, envelope } = machine.facts
  const importance = machine.string(node.options['importance']?.value) ?? '2'
  const from = machine.string(node.options['from']?.value) ?? owner.address
  const message = writeOutgoing({
    now,
    seed: `${seed}\0${machine.actions.length}`,
    domain: owner.address.slice(owner.address.lastIndexOf('@') + 1),
    fields: [
      ['From', from],
      ...addressField('To', mailto.to),
      ...addressField('Cc', mailto.cc),
      ['Subject', subjectOf(node, machine, mailto)],
      // RFC 5436 §2.7.1
      ['Auto-Submitted', `auto-notified; owner-email="${owner.address}"`],
      ['Precedence', 'bulk'],
      ...importanceFields(importance),
      ...mailto.fields.map(([name, value]) => [capitalised(name), value] as const),
    ],
    body: mailto.body ?? 'Notification of new message.',
    isMime: false,
  })
  machine.act({
    kind: 'send',
    purpose: 'notification',
    // RFC 5436 §2.2: null where the message itself had no sender
    from: envelope.from === '' || envelope.from === undefined ? '' : (bareAddress(from) ?? owner.address),
    to,
    message,
    once: undefined,
    copy: copyOf(node, machine),
  })
}

function addressField(name: string, addresses: readonly NamedAddress[]): (readonly [string, string])[] {
  return addresses.length === 0
    ? []
    : [[name, addresses.map((one) => namedAddress(one.name, one.address)).join(', ')]]
}

/** RFC 5436 §2.5. */
function subjectOf(node: Checked, machine: Machine, mailto: Mailto): string {
  const given = machine.string(node.options['message']?.value) ?? mailto.subject
  const [original] = machine.message.view.root.header.decoded('subject')
  return given ?? (original === undefined ? 'Notification: (no subject)' : `Notification: ${original}`)
}

/** 1 is most important. RFC 5435 §3.4. */
function importanceFields(importance: string): (readonly [string, string])[] {
  switch (importance) {
    case '1':
      return [
        ['X-Priority', '1 (Highest)'],
        ['Importance', 'High'],
      ]
    case '3':
      return [
        ['X-Priority', '5 (Lowest)'],
        ['Importance', 'Low'],
      ]
    default:
      return [
        ['X-Priority', '3 (Normal)'],
        ['Importance', 'Normal'],
      ]
  }
}

const capitalised = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
