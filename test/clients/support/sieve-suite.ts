import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { mailboxesOf, parseAddressList } from '../../../src/lib/mime/address-list.ts'
import { fieldValue, readHeader } from '../../../src/lib/mime/header.ts'
import { compileSieve } from '../../../src/modules/sieve/check/compile.ts'
import { matches, matchTags } from '../../../src/modules/sieve/commands/matching.ts'
import {
  type Checked,
  createLanguage,
  type Family,
  type Flow,
  numberOf,
} from '../../../src/modules/sieve/language/spec.ts'
import { families } from '../../../src/modules/sieve/language/table.ts'
import { MessageState } from '../../../src/modules/sieve/message/message-state.ts'
import { evaluateSieve } from '../../../src/modules/sieve/run/evaluate.ts'
import { Machine } from '../../../src/modules/sieve/run/machine.ts'
import type { Program } from '../../../src/modules/sieve/run/program.ts'
import { ScriptFailure } from '../../../src/modules/sieve/run/script-failure.ts'
import type {
  CompiledSieve,
  SieveAction,
  SieveFacts,
  SieveLibraryScript,
  SieveOutcome,
  SieveVersion,
} from '../../../src/ports/sieve.ts'
import { sieveFacts, sieveMessage } from '../../support/sieve-facts.ts'
import { factsOfConfig } from './sieve-suite-config.ts'

/** What one `test "…" { … }` of a script came to. */
export interface SuiteResult {
  readonly name: string
  /** Undefined where it passed. */
  readonly failure: string | undefined
}

interface Pending {
  readonly actions: readonly SieveAction[]
  readonly versions: readonly SieveVersion[]
  readonly original: Buffer
}

interface Stored {
  readonly message: Buffer
  readonly flags: readonly string[]
}

class TestFailed extends Error {}

/**
 * Runs one of Pigeonhole's test scripts: Sieve with the extension vnd.dovecot.testsuite, whose commands set the stage, run
 * other scripts and look at what became of them.
 */
export function runSuite(path: string): SuiteResult[] {
  return new Suite(path).run()
}

class Suite {
  readonly results: SuiteResult[] = []
  readonly #path: string
  readonly #folder: string
  readonly #config = new Map<string, string>()
  readonly #mailboxes = new Map<string, Stored[]>([['INBOX', []]])
  readonly #metadata = new Map<string, Record<string, string>>()
  readonly #seen = new Set<string>()
  #sent: { from: string; to: string; message: Buffer }[] = []
  #errors: string[] = []
  #script: CompiledSieve | undefined
  #result: Pending | undefined
  #base: SieveFacts = sieveFacts(defaultMessage)
  #machine: Machine | undefined

  constructor(path: string) {
    this.#path = path
    this.#folder = dirname(path)
  }

  run(): SuiteResult[] {
    const language = createLanguage([...families, this.#family()])
    const compiled = this.#compile(this.#path, language)
    if (compiled.kind === 'refused') {
      const failure = compiled.errors.map(({ line, message }) => `${line}: ${message}`).join('; ')
      return [{ name: 'the test script itself', failure }]
    }
    this.#setMessage(defaultMessage)
    const machine = new Machine(language, compiled.script.program as Program, this.#base)
    this.#machine = machine
    try {
      machine.run()
    } catch (error) {
      this.results.push({ name: 'the test script itself', failure: textOf(error) })
    }
    return this.results
  }

  get #own(): Machine {
    if (this.#machine === undefined) throw new Error('no machine')
    return this.#machine
  }

  #compile(path: string, language: Parameters<typeof compileSieve<Machine>>[1]) {
    return compileSieve(
      {
        name: path,
        text: readFileSync(path, 'utf8'),
        library: this.#library(),
        limits: {
          includes: Number(this.#config.get('sieve_include_max_includes') ?? 255),
          includeDepth: Number(this.#config.get('sieve_include_max_nesting_depth') ?? 10),
        },
      },
      language,
    )
  }

  #library(): SieveLibraryScript[] {
    const read = (location: 'personal' | 'global', folder: string) => {
      const full = resolve(this.#folder, folder)
      if (!existsSync(full)) return []
      return readdirSync(full)
        .filter((name) => name.endsWith('.sieve'))
        .map((name) => ({ location, name: name.slice(0, -6), text: readFileSync(join(full, name), 'utf8') }))
    }
    return [...read('personal', 'included'), ...read('global', 'included-global')]
  }

  /** The sender and the recipient follow from the message. */
  #setMessage(text: string | Buffer): void {
    const message = sieveMessage(text)
    const header = readHeader(message.bytes)
    const first = (...names: string[]) => {
      for (const name of names) {
        const [found] = mailboxesOf(parseAddressList(fieldValue(header, name) ?? ''))
        if (found !== undefined && found.local !== '') return `${found.local}@${found.domain}`
      }
      return undefined
    }
    const to = first('envelope-to', 'to') ?? 'recipient@example.com'
    const from = first('return-path', 'sender', 'from') ?? 'sender@example.com'
    this.#base = {
      ...this.#base,
      message,
      envelope: { from, to, originalTo: undefined, auth: undefined, parameters: {} },
    }
    this.#refresh()
    if (this.#machine !== undefined) {
      Object.assign(this.#machine, { message: new MessageState(message.bytes, message.index) })
    }
  }

  /** What the configuration, the mailboxes and the envelope say now. */
  #refresh(): void {
    const mailboxes = [...new Set([...this.#mailboxes.keys(), ...this.#metadata.keys()])].map((name) => ({
      name,
      id: `id-${name}`,
      specialUse: [],
      metadata: this.#metadata.get(name) ?? {},
    }))
    this.#base = factsOfConfig({ ...this.#base, mailboxes, seen: [...this.#seen] }, this.#config)
    if (this.#machine !== undefined) Object.assign(this.#machine, { facts: this.#base })
  }

  #family(): Family<Machine> {
    const looking = ['test_error', 'test_result_action']
    const string = (name: string) => ({ name, type: 'string' as const })
    return {
      extensions: ['vnd.dovecot.testsuite'],
      tags: [
        ...matchTags.map((tag) => ({ ...tag, on: looking })),
        { tag: 'index', value: 'number', on: looking },
        { tag: 'append_result', on: ['test_script_run'] },
        { tag: 'smtp', group: 'from', on: ['test_message', 'test_message_command'] },
        { tag: 'mailbox', group: 'from', value: 'string', on: ['test_message', 'test_imap_metadata_set'] },
        { tag: 'folder', group: 'from', value: 'string', on: ['test_message'] },
        { tag: 'extension', value: 'string', on: ['test_config_reload'] },
      ],
      commands: [
        {
          name: 'test',
          arguments: [string('name')],
          block: true,
          run: (node, machine) => this.#test(node, machine),
        },
        {
          name: 'test_fail',
          arguments: [string('reason')],
          run: (node, machine) => {
            throw new TestFailed(machine.string(node.values[0]))
          },
        },
        this.#command('test_set', ['object', 'value'], ([name = '', value = '']) =>
          this.#set(name.toLowerCase(), value),
        ),
        this.#command('test_config_set', ['setting', 'value'], ([name = '', value = '']) =>
          this.#configure(name, value),
        ),
        this.#command('test_config_unset', ['setting'], ([name = '']) => this.#configure(name, undefined)),
        this.#command('test_config_reload', [], () => this.#refresh()),
        this.#command('test_binary_save', ['name'], () => undefined),
        this.#command('test_binary_load', ['name'], () => undefined),
        this.#command('test_result_print', [], () => undefined),
        this.#command('test_message_print', [], () => undefined),
        this.#command('test_result_reset', [], () => this.#reset()),
        this.#command('test_mailbox_create', ['name'], ([name = '']) => {
          this.#mailboxes.set(name, [])
          this.#refresh()
        }),
        this.#command('test_mailbox_delete', ['name'], ([name = '']) => {
          this.#mailboxes.delete(name)
          this.#refresh()
        }),
        this.#command(
          'test_imap_metadata_set',
          ['annotation', 'value'],
          ([name = '', value = ''], node, machine) => {
            const mailbox = machine.string(node.options['from']?.value) ?? ''
            this.#metadata.set(mailbox, { ...this.#metadata.get(mailbox), [name.toLowerCase()]: value })
            this.#refresh()
          },
        ),
        {
          name: 'test_message',
          arguments: [{ name: 'index', type: 'number' }],
          run: (node, machine) => {
            if (!this.#takeMessage(node, machine))
              throw new TestFailed('test_message: there is no such message')
            return undefined
          },
        },
      ],
      tests: [
        this.#asTest('test_script_compile', ['script'], ([name = '']) => this.#compileOther(name)),
        this.#asTest('test_script_run', [], (_, node) =>
          this.#runOther(node.options['append_result'] !== undefined),
        ),
        this.#asTest('test_result_execute', [], () => this.#execute()),
        {
          name: 'test_multiscript',
          arguments: [{ name: 'scripts', type: 'strings' }],
          run: (node, machine) => this.#runAll(machine.texts(node.values[0])),
        },
        {
          name: 'test_error',
          arguments: [{ name: 'key list', type: 'strings' }],
          run: (node, machine) => this.#look(node, machine, this.#errors),
        },
        {
          name: 'test_result_action',
          arguments: [{ name: 'key list', type: 'strings' }],
          run: (node, machine) => this.#look(node, machine, this.#pending().actions.map(actionName)),
        },
        {
          name: 'test_message',
          arguments: [{ name: 'index', type: 'number' }],
          run: (node, machine) => this.#takeMessage(node, machine),
        },
      ],
    }
  }

  #command(
    name: string,
    values: readonly string[],
    act: (texts: readonly string[], node: Checked, machine: Machine) => void,
  ) {
    return {
      name,
      arguments: values.map((value) => ({ name: value, type: 'string' as const })),
      run: (node: Checked, machine: Machine) => {
        act(
          node.values.map((value) => machine.string(value) ?? ''),
          node,
          machine,
        )
        return undefined
      },
    }
  }

  #asTest(
    name: string,
    values: readonly string[],
    act: (texts: readonly string[], node: Checked) => boolean,
  ) {
    return {
      name,
      arguments: values.map((value) => ({ name: value, type: 'string' as const })),
      run: (node: Checked, machine: Machine) =>
        act(
          node.values.map((value) => machine.string(value) ?? ''),
          node,
        ),
    }
  }

  #test(node: Checked, machine: Machine): Flow {
    const name = machine.string(node.values[0]) ?? ''
    let failure: string | undefined
    machine.steps = 0
    try {
      const flow = machine.because(node)
      if (flow?.kind === 'stop') failure = undefined
    } catch (error) {
      if (!(error instanceof TestFailed) && !(error instanceof ScriptFailure)) throw error
      failure = textOf(error)
    }
    machine.loops.length = 0
    this.results.push({ name, failure })
    return undefined
  }

  #set(name: string, value: string): void {
    if (name === 'message') return this.#setMessage(value)
    const field = {
      'envelope.from': 'from',
      'envelope.to': 'to',
      'envelope.orig_to': 'originalTo',
      'envelope.auth': 'auth',
    }[name]
    if (field === undefined) throw new Error(`test_set ${name} is not known`)
    const bare = value.replace(/^<(.*)>$/, '$1')
    const envelope = { ...this.#base.envelope, [field]: field === 'auth' ? value : bare }
    this.#base = { ...this.#base, envelope }
    this.#refresh()
  }

  #configure(name: string, value: string | undefined): void {
    if (value === undefined) this.#config.delete(name)
    else this.#config.set(name, value)
    this.#refresh()
  }

  #compileOther(name: string): boolean {
    const compiled = this.#compile(resolve(this.#folder, name), createLanguage(families))
    this.#errors =
      compiled.kind === 'refused' ? [...compiled.errors.map(({ message }) => message), 'refused'] : []
    this.#script = compiled.kind === 'compiled' ? compiled.script : undefined
    return compiled.kind === 'compiled'
  }

  #runOther(isAppended: boolean): boolean {
    if (this.#script === undefined) return false
    const facts = { ...this.#base, message: this.#currentMessage() }
    const outcome = evaluateSieve(this.#script, facts, createLanguage(families))
    const before = isAppended ? this.#pending() : undefined
    const actions = isAppended
      ? [
          ...(before?.actions ?? []).filter((action) => !isImplicit(action)),
          ...this.#without(before, outcome),
        ]
      : outcome.actions
    this.#take(outcome)
    this.#result = { actions, versions: outcome.versions, original: Buffer.from(facts.message.bytes) }
    return outcome.kind === 'done'
  }

  /** An implicit keep does not stand where another script decided already. */
  #without(before: Pending | undefined, outcome: SieveOutcome): readonly SieveAction[] {
    const decided = before?.actions.some((action) => action.kind === 'file') === true
    return outcome.actions.filter((action) => !(decided && isImplicit(action)))
  }

  #take(outcome: SieveOutcome): void {
    this.#errors = outcome.error === undefined ? [] : [outcome.error.message]
    for (const { key } of outcome.guards) this.#seen.add(key)
  }

  #runAll(names: readonly string[]): boolean {
    const all: SieveAction[] = []
    let flags: readonly string[] = []
    let message = this.#currentMessage()
    for (const name of names) {
      if (!this.#compileOther(name) || this.#script === undefined) return false
      const outcome = evaluateSieve(this.#script, { ...this.#base, message, flags }, createLanguage(families))
      this.#take(outcome)
      if (outcome.kind === 'failed') return false
      flags = outcome.flags
      all.push(...outcome.actions.filter((action) => !isImplicit(action)))
      const keeps = outcome.actions.some(
        (action) => action.kind === 'file' && (isImplicit(action) || action.mailbox === undefined),
      )
      message = sieveMessage(versionOf(outcome.versions.at(-1), Buffer.from(message.bytes)))
      if (!keeps) break
      if (name === names.at(-1)) all.push(...outcome.actions.filter(isImplicit))
    }
    this.#result = { actions: all, versions: [], original: Buffer.from(message.bytes) }
    return this.#execute()
  }

  #currentMessage(): SieveFacts['message'] {
    const { message } = this.#own
    return sieveMessage(message.octets)
  }

  #pending(): Pending {
    if (this.#result !== undefined) return this.#result
    const machine = this.#own
    return {
      actions: machine.keepsImplicitly ? [...machine.actions, this.#implicitKeep()] : machine.actions,
      versions: machine.message.versions(),
      original: Buffer.from(machine.facts.message.bytes),
    }
  }

  #implicitKeep(): SieveAction {
    const { flags, message } = this.#own
    return {
      kind: 'file',
      mailbox: undefined,
      create: false,
      flags,
      version: message.version(),
      implicit: true,
      by: undefined,
    }
  }

  get #original(): Buffer {
    return Buffer.from(this.#base.message.bytes)
  }

  #reset(): void {
    this.#result = undefined
    this.#own.actions.length = 0
    this.#own.flags = []
    this.#own.keepsImplicitly = true
    this.#errors = []
    this.#sent = []
  }

  #execute(): boolean {
    const { actions, versions, original } = this.#pending()
    const done = new Set<string>()
    for (const action of actions) {
      const message = 'version' in action ? versionOf(versions[action.version], original) : original
      if (!this.#carryOut(action, message, done)) return false
    }
    this.#refresh()
    return true
  }

  #carryOut(action: SieveAction, message: Buffer, done: Set<string>): boolean {
    switch (action.kind) {
      case 'file': {
        const name = action.mailbox ?? 'INBOX'
        const folder = this.#mailboxes.get(name) ?? (action.create ? [] : undefined)
        if (folder === undefined) {
          this.#errors = [`failed to store into mailbox '${name}': Mailbox doesn't exist: ${name}`]
          this.#mailboxes.set('INBOX', [
            ...(this.#mailboxes.get('INBOX') ?? []),
            { message: this.#original, flags: [] },
          ])
          return false
        }
        if (done.has(name)) folder[folder.length - 1] = { message, flags: action.flags }
        else this.#mailboxes.set(name, [...folder, { message, flags: action.flags }])
        done.add(name)
        return true
      }
      case 'redirect':
        this.#sent.push({ from: this.#redirectSender(), to: action.to, message: withSieveField(message) })
        return true
      case 'send':
        if (action.once !== undefined && this.#seen.has(action.once.key)) return true
        for (const to of action.to) {
          this.#sent.push({ from: this.#sendSender(action), to, message: Buffer.from(action.message) })
        }
        return true
      case 'reject':
        // RFC 5429 §2.1: nobody to tell
        if (this.#base.envelope.from === '') return true
        this.#sent.push({
          from: '',
          to: this.#base.envelope.from ?? '',
          message: Buffer.from(rejection(this.#base, action.reason)),
        })
        return true
      case 'discard':
        return true
    }
  }

  #redirectSender(): string {
    const { from = '', to, originalTo } = this.#base.envelope
    const owner = this.#config.get('sieve_user_email')?.replace(/[<>]/g, '')
    const policy = this.#config.get('sieve_redirect_envelope_from') ?? 'sender'
    if (from === '') return ''
    switch (policy.trim()) {
      case 'recipient':
        return to ?? ''
      case 'orig_recipient':
        return originalTo ?? to ?? ''
      case 'user_email':
        return owner ?? to ?? ''
      case 'postmaster':
        return 'postmaster@example.com'
      case 'sender':
        return from
      default:
        return policy.replace(/^.*<|>.*$/g, '')
    }
  }

  #sendSender(action: SieveAction & { kind: 'send' }): string {
    return action.from
  }

  #look(node: Checked, machine: Machine, values: readonly string[]): boolean {
    const index = numberOf(node.options['index']?.value)
    const chosen = index === undefined ? values : values.slice(index - 1, index)
    return matches(node, machine, chosen, machine.texts(node.values[0]))
  }

  #takeMessage(node: Checked, machine: Machine): boolean {
    const index = numberOf(node.values[0]) ?? 0
    const from = node.options['from']
    const sent = this.#sent[index]
    if (from?.tag === 'smtp') {
      if (sent === undefined) return false
      this.#setMessage(sent.message)
      this.#base = { ...this.#base, envelope: { ...this.#base.envelope, from: sent.from, to: sent.to } }
      this.#refresh()
      return true
    }
    const stored = this.#mailboxes.get(machine.string(from?.value) ?? '')?.[index]
    if (stored === undefined) return false
    this.#setMessage(stored.message)
    machine.flags = stored.flags
    return true
  }
}

const defaultMessage = 'From: sender@example.com\nTo: recipient@example.com\nSubject: Frop!\n\nFriep!\n'

function textOf(error: unknown): string {
  if (error instanceof ScriptFailure) return `${error.problem.line}: ${error.message}`
  return error instanceof Error
    ? error instanceof TestFailed
      ? error.message
      : (error.stack ?? error.message)
    : String(error)
}

function versionOf(version: SieveVersion | undefined, original: Buffer): Buffer {
  const bodyStart = readHeader(original).end
  const header = version?.header ?? original.subarray(0, bodyStart)
  return Buffer.concat([header, version?.body ?? original.subarray(bodyStart)])
}

const withSieveField = (message: Buffer) => Buffer.concat([Buffer.from('X-Sieve: homepost\r\n'), message])

function isImplicit(action: SieveAction): boolean {
  return action.kind === 'file' && action.implicit
}

function actionName(action: SieveAction): string {
  switch (action.kind) {
    case 'file':
      return action.mailbox === undefined ? 'keep' : 'store'
    case 'send':
      return action.purpose === 'vacation' ? 'vacation' : 'notify'
    case 'redirect':
    case 'reject':
    case 'discard':
      return action.kind
  }
}

/** What a server that may not refuse any more sends back; the delivery's, not the engine's. */
function rejection(facts: SieveFacts, reason: string): string {
  return [
    `From: Mail Delivery Subsystem <postmaster@example.com>`,
    `To: <${facts.envelope.from}>`,
    'Subject: Automatically rejected mail',
    'MIME-Version: 1.0',
    '',
    reason,
    '',
  ].join('\r\n')
}
