import { type Checked, type Checking, constantOf, type Family, numberOf } from '../language/spec.ts'
import { composePart, multipartOf, replacedHeader } from '../message/compose.ts'
import type { PartView } from '../message/message-view.ts'
import type { Machine } from '../run/machine.ts'
import { currentPart } from './parts.ts'
import { checkVariableName, modified } from './variables.ts'

/** RFC 5703. */
export const mimeParts: Family<Machine> = {
  extensions: ['foreverypart', 'extracttext', 'replace', 'enclose'],
  tags: [
    {
      tag: 'name',
      extension: 'foreverypart',
      value: 'string',
      constant: true,
      on: ['foreverypart', 'break'],
    },
    { tag: 'first', extension: 'extracttext', value: 'number', on: ['extracttext'] },
    { tag: 'mime', extension: 'replace', on: ['replace'] },
    { tag: 'subject', extension: 'replace', value: 'string', on: ['replace'] },
    { tag: 'from', extension: 'replace', value: 'string', on: ['replace'] },
    { tag: 'subject', extension: 'enclose', value: 'string', on: ['enclose'] },
    { tag: 'headers', extension: 'enclose', value: 'strings', on: ['enclose'] },
  ],
  commands: [
    { name: 'foreverypart', extension: 'foreverypart', block: true, check: checkLoop, run: forEveryPart },
    {
      name: 'break',
      extension: 'foreverypart',
      check: checkBreak,
      run: (node) => ({ kind: 'break', loop: constantOf(node.options['name']?.value) }),
    },
    {
      name: 'extracttext',
      extension: 'extracttext',
      arguments: [{ name: 'variable name', type: 'string', constant: true }],
      check: checkExtract,
      run: extractText,
    },
    {
      name: 'replace',
      extension: 'replace',
      arguments: [{ name: 'replacement', type: 'string' }],
      run: replace,
    },
    {
      name: 'enclose',
      extension: 'enclose',
      arguments: [{ name: 'text', type: 'string' }],
      run: enclose,
    },
  ],
}

const deepestLoop = 4

function isLoop({ name }: Checked): boolean {
  return name === 'foreverypart'
}

function checkLoop(node: Checked, checking: Checking): void {
  const loops = checking.within.filter(isLoop)
  if (loops.length >= deepestLoop)
    checking.error(node.at, `foreverypart loops are nested more than ${deepestLoop} deep`)
  const name = constantOf(node.options['name']?.value)
  if (name === undefined) return
  if (loops.some((loop) => constantOf(loop.options['name']?.value) === name)) {
    checking.error(node.at, `a foreverypart loop around this one is named '${name}' too`)
  }
}

function checkBreak(node: Checked, checking: Checking): void {
  const loops = checking.within.filter(isLoop)
  const name = constantOf(node.options['name']?.value)
  if (loops.length === 0) checking.error(node.at, 'break must stand in a foreverypart loop')
  else if (name !== undefined && loops.every((loop) => constantOf(loop.options['name']?.value) !== name)) {
    checking.error(node.at, `no foreverypart loop around this break is named '${name}'`)
  }
}

function checkExtract(node: Checked, checking: Checking): void {
  if (!checking.has('variables')) checking.error(node.at, 'the extracttext command needs require "variables"')
  if (!checking.within.some(isLoop)) checking.error(node.at, 'extracttext must stand in a foreverypart loop')
  checkVariableName(node, 0, checking)
}

/** RFC 5703 §3: every part in document order; inside another loop those within its part. */
function forEveryPart(node: Checked, machine: Machine) {
  const outer = currentPart(machine)
  const name = constantOf(node.options['name']?.value)
  if (machine.loops.length >= machine.facts.settings.limits.nestedParts)
    machine.fail('foreverypart loops are nested too deeply')
  const parts = outer === undefined ? machine.message.view.parts : [...outer.family()].slice(1)
  const flow = overParts(node, machine, parts, name)
  if (machine.loops.length === 0) machine.message.settle()
  return flow
}

function overParts(node: Checked, machine: Machine, parts: readonly PartView[], name: string | undefined) {
  for (const part of parts) {
    machine.spend(1)
    machine.loops.push({ part, name })
    const flow = machine.because(node)
    machine.loops.pop()
    if (flow?.kind === 'break') return flow.loop === undefined || flow.loop === name ? undefined : flow
    if (flow !== undefined) return flow
  }
  return undefined
}

/** RFC 5703 §7. */
function extractText(node: Checked, machine: Machine): undefined {
  const part = currentPart(machine)
  if (part === undefined) return machine.fail('extracttext is outside of a foreverypart loop')
  machine.spend(1 + (part.rawBody.length >> 10))
  const text = part.place.type.startsWith('text/') && part.children.length === 0 ? part.plainText : ''
  const first = numberOf(node.options['first']?.value)
  const kept =
    first === undefined
      ? text
      : Array.from(text.slice(0, first * 2))
          .slice(0, first)
          .join('')
  machine.setVariable(constantOf(node.values[0]) ?? '', modified(node, machine, kept))
}

/** RFC 5703 §5: of the whole message its From and Subject stay as the originals in other fields. */
function replace(node: Checked, machine: Machine): undefined {
  const part = currentPart(machine) ?? machine.message.view.root
  const { mime, subject, from } = node.options
  const text = machine.string(node.values[0]) ?? ''
  machine.spendOn(text)
  const content = composePart(text, mime !== undefined)
  if (part.number !== 0) {
    machine.message.replace(part, content)
    return undefined
  }
  const header = replacedHeader({
    original: machine.message.header,
    content: content.header,
    subject: machine.string(subject?.value),
    from: machine.string(from?.value),
  })
  machine.message.replace(part, { header, body: content.body })
}

/** RFC 5703 §6: the message becomes the second part of a new one; inside a loop it is still the whole message. */
function enclose(node: Checked, machine: Machine): undefined {
  const { subject, headers } = node.options
  const text = machine.string(node.values[0]) ?? ''
  machine.spendOn(text)
  machine.spend(1 + (machine.message.size >> 6))
  const wrapped = multipartOf(text, machine.message.octets, machine.facts.seed)
  const header = replacedHeader({
    original: machine.message.header,
    content: wrapped.header,
    subject: machine.string(subject?.value),
    from: undefined,
    extra: machine.texts(headers?.value),
  })
  machine.message.replace(machine.message.view.root, { header, body: wrapped.body })
}
