import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { compileSieve } from '../../../src/modules/sieve/check/compile.ts'
import { matches, matchTags } from '../../../src/modules/sieve/commands/matching.ts'
import {
  type Checked,
  type CommandSpec,
  createLanguage,
  type Family,
  type Flow,
  numberOf,
  type TestSpec,
} from '../../../src/modules/sieve/language/spec.ts'
import { families } from '../../../src/modules/sieve/language/table.ts'
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
} from '../../../src/ports/sieve.ts'
import { sieveMessage } from '../../support/sieve-facts.ts'
import { type Pending, SieveStage, versionOf } from './sieve-stage.ts'

/** What one `test "…" { … }` of a script came to. */
export interface SuiteResult {
  readonly name: string
  /** Undefined where it passed. */
  readonly failure: string | undefined
}

class TestFailed extends Error {}

/**
 * Runs one of Pigeonhole's test scripts: Sieve with the extension vnd.dovecot.testsuite, whose commands set the stage, run
 * other scripts and look at what became of them.
 */
export function runSuite(path: string): SuiteResult[] {
  return new Suite(path).run()
}

const plainLanguage = createLanguage(families)
const itself = 'the test script itself'

class Suite {
  readonly #results: SuiteResult[] = []
  readonly #stage = new SieveStage()
  readonly #path: string
  readonly #folder: string
  #script: CompiledSieve | undefined
  /** Of a script that was run; undefined while the test script's own actions count. */
  #result: Pending | undefined

  constructor(path: string) {
    this.#path = path
    this.#folder = dirname(path)
  }

  run(): SuiteResult[] {
    const language = createLanguage([...families, this.#family()])
    const compiled = this.#compile(this.#path, language)
    if (compiled.kind === 'refused') {
      const failure = compiled.errors.map(({ line, message }) => `${line}: ${message}`).join('; ')
      return [{ name: itself, failure }]
    }
    const machine = new Machine(language, compiled.script.program as Program, this.#stage.facts)
    this.#stage.machine = machine
    try {
      machine.run()
    } catch (error) {
      this.#results.push({ name: itself, failure: textOf(error) })
    }
    return this.#results
  }

  get #own(): Machine {
    if (this.#stage.machine === undefined) throw new Error('the test script does not run yet')
    return this.#stage.machine
  }

  #compile(path: string, language: typeof plainLanguage) {
    const { config } = this.#stage
    return compileSieve(
      {
        name: path,
        text: readFileSync(path, 'utf8'),
        library: this.#library(),
        limits: {
          includes: Number(config.get('sieve_include_max_includes') ?? 255),
          includeDepth: Number(config.get('sieve_include_max_nesting_depth') ?? 10),
        },
      },
      language,
    )
  }

  #library(): SieveLibraryScript[] {
    const read = (location: 'personal' | 'global', folder: string) => {
      const full = resolve(this.#folder, folder)
      const names = existsSync(full) ? readdirSync(full).filter((name) => name.endsWith('.sieve')) : []
      return names.map((name) => ({
        location,
        name: name.slice(0, -'.sieve'.length),
        text: readFileSync(join(full, name), 'utf8'),
      }))
    }
    return [...read('personal', 'included'), ...read('global', 'included-global')]
  }

  #family(): Family<Machine> {
    const looking = ['test_error', 'test_result_action']
    return {
      extensions: ['vnd.dovecot.testsuite'],
      tags: [
        ...matchTags.map((tag) => ({ ...tag, on: looking })),
        { tag: 'index', value: 'number', on: looking },
        { tag: 'append_result', on: ['test_script_run'] },
        { tag: 'smtp', group: 'from', on: ['test_message'] },
        { tag: 'mailbox', group: 'from', value: 'string', on: ['test_message', 'test_imap_metadata_set'] },
        { tag: 'folder', group: 'from', value: 'string', on: ['test_message'] },
        { tag: 'extension', value: 'string', on: ['test_config_reload'] },
      ],
      commands: [...this.#testing(), ...this.#setting()],
      tests: this.#looking(),
    }
  }

  #testing(): CommandSpec<Machine>[] {
    return [
      {
        name: 'test',
        arguments: [{ name: 'name', type: 'string' }],
        block: true,
        run: (node, machine) => this.#test(node, machine),
      },
      command('test_fail', ['reason'], ([reason]) => {
        throw new TestFailed(reason)
      }),
      {
        name: 'test_message',
        arguments: [{ name: 'index', type: 'number' }],
        run: (node, machine) => {
          if (!this.#takeMessage(node, machine))
            throw new TestFailed('test_message: there is no such message')
          return undefined
        },
      },
    ]
  }

  #setting(): CommandSpec<Machine>[] {
    const stage = this.#stage
    return [
      command('test_set', ['object', 'value'], ([name = '', value = '']) =>
        this.#set(name.toLowerCase(), value),
      ),
      command('test_config_set', ['setting', 'value'], ([name = '', value = '']) =>
        stage.configure(name, value),
      ),
      command('test_config_unset', ['setting'], ([name = '']) => stage.configure(name, undefined)),
      command('test_config_reload', [], () => stage.refresh()),
      command('test_binary_save', ['name'], () => undefined),
      command('test_binary_load', ['name'], () => undefined),
      command('test_result_print', [], () => undefined),
      command('test_message_print', [], () => undefined),
      command('test_result_reset', [], () => this.#reset()),
      command('test_mailbox_create', ['name'], ([name = '']) => stage.createMailbox(name)),
      command('test_mailbox_delete', ['name'], ([name = '']) => stage.deleteMailbox(name)),
      command('test_imap_metadata_set', ['annotation', 'value'], ([name = '', value = ''], node, machine) =>
        stage.setMetadata(machine.string(node.options['from']?.value) ?? '', name, value),
      ),
    ]
  }

  #looking(): TestSpec<Machine>[] {
    const keys = [{ name: 'key list', type: 'strings' as const }]
    return [
      {
        name: 'test_script_compile',
        arguments: [{ name: 'script', type: 'string' }],
        run: (node, machine) => this.#compileOther(machine.string(node.values[0]) ?? ''),
      },
      { name: 'test_script_run', run: (node) => this.#runOther(node.options['append_result'] !== undefined) },
      { name: 'test_result_execute', run: () => this.#stage.execute(this.#pending()) },
      {
        name: 'test_multiscript',
        arguments: [{ name: 'scripts', type: 'strings' }],
        run: (node, machine) => this.#runAll(machine.texts(node.values[0])),
      },
      {
        name: 'test_error',
        arguments: keys,
        run: (node, machine) => look(node, machine, this.#stage.errors),
      },
      {
        name: 'test_result_action',
        arguments: keys,
        run: (node, machine) => look(node, machine, this.#named().map(actionName)),
      },
      {
        name: 'test_message',
        arguments: [{ name: 'index', type: 'number' }],
        run: (node, machine) => this.#takeMessage(node, machine),
      },
    ]
  }

  #test(node: Checked, machine: Machine): Flow {
    let failure: string | undefined
    machine.steps = 0
    try {
      machine.because(node)
    } catch (error) {
      if (!(error instanceof TestFailed) && !(error instanceof ScriptFailure)) throw error
      failure = textOf(error)
    }
    machine.loops.length = 0
    this.#results.push({ name: machine.string(node.values[0]) ?? '', failure })
    return undefined
  }

  #set(name: string, value: string): void {
    const bare = value.replace(/^<(.*)>$/, '$1')
    if (name === 'message') this.#stage.setMessage(value)
    else if (name === 'envelope.from') this.#stage.setEnvelope({ from: bare })
    else if (name === 'envelope.to') this.#stage.setEnvelope({ to: bare })
    else if (name === 'envelope.orig_to') this.#stage.setOriginalTo(bare)
    else if (name === 'envelope.auth') this.#stage.setEnvelope({ auth: value })
    else throw new Error(`test_set ${name} is not known`)
  }

  /** Pigeonhole counts one complaint more for the script as a whole. */
  #compileOther(name: string): boolean {
    const compiled = this.#compile(resolve(this.#folder, name), plainLanguage)
    const errors = compiled.kind === 'refused' ? compiled.errors.map(({ message }) => message) : []
    this.#stage.errors = compiled.kind === 'refused' ? [...errors, 'the script is refused'] : []
    this.#script = compiled.kind === 'compiled' ? compiled.script : undefined
    return compiled.kind === 'compiled'
  }

  #runOther(isAppended: boolean): boolean {
    if (this.#script === undefined) return false
    const facts = { ...this.#stage.facts, message: this.#currentMessage() }
    const outcome = evaluateSieve(this.#script, facts, plainLanguage)
    const before = isAppended ? this.#pending().actions.filter((action) => !isImplicit(action)) : []
    const isDecided = before.some((action) => action.kind === 'file')
    const actions = [...before, ...outcome.actions.filter((action) => !(isDecided && isImplicit(action)))]
    this.#take(outcome)
    this.#result = { actions, versions: outcome.versions, original: Buffer.from(facts.message.bytes) }
    return outcome.kind === 'done'
  }

  #take(outcome: SieveOutcome): void {
    this.#stage.errors = outcome.error === undefined ? [] : [outcome.error.message]
    for (const { key } of outcome.guards) this.#stage.seen.add(key)
  }

  /** One script after the other, as long as they keep the message. */
  #runAll(names: readonly string[]): boolean {
    const actions: SieveAction[] = []
    let flags: readonly string[] = []
    let message = this.#currentMessage()
    for (const name of names) {
      if (!this.#compileOther(name) || this.#script === undefined) return false
      const outcome = evaluateSieve(this.#script, { ...this.#stage.facts, message, flags }, plainLanguage)
      this.#take(outcome)
      if (outcome.kind === 'failed') return false
      flags = outcome.flags
      message = sieveMessage(versionOf(outcome.versions.at(-1), Buffer.from(message.bytes)))
      const isLast = name === names.at(-1) || !outcome.actions.some(isKeep)
      actions.push(...outcome.actions.filter((action) => isLast || !isImplicit(action)))
      if (isLast) break
    }
    this.#result = { actions, versions: [], original: Buffer.from(message.bytes) }
    return this.#stage.execute(this.#result)
  }

  #currentMessage(): SieveFacts['message'] {
    return sieveMessage(this.#own.message.octets)
  }

  #pending(): Pending {
    if (this.#result !== undefined) return this.#result
    const { actions, keepsImplicitly, flags, message, facts } = this.#own
    const version = message.version()
    const keep: SieveAction = {
      ...{ kind: 'file', mailbox: undefined, create: false, implicit: true, by: undefined },
      ...{ flags, version },
    }
    return {
      actions: keepsImplicitly ? [...actions, keep] : actions,
      versions: message.versions(),
      original: Buffer.from(facts.message.bytes),
    }
  }

  /** An implicit keep is no result but where there is no other. */
  #named(): readonly SieveAction[] {
    const { actions } = this.#pending()
    const explicit = actions.filter((action) => !isImplicit(action))
    return explicit.length > 0 ? explicit : actions
  }

  #reset(): void {
    this.#result = undefined
    this.#own.actions.length = 0
    this.#own.flags = []
    this.#own.keepsImplicitly = true
    this.#stage.errors = []
    this.#stage.forgetSent()
  }

  #takeMessage(node: Checked, machine: Machine): boolean {
    const index = numberOf(node.values[0]) ?? 0
    const from = node.options['from']
    if (from?.tag === 'smtp') return this.#stage.takeSent(index)
    return this.#stage.takeStored(machine.string(from?.value) ?? '', index, machine)
  }
}

function command(
  name: string,
  values: readonly string[],
  act: (texts: readonly string[], node: Checked, machine: Machine) => void,
): CommandSpec<Machine> {
  return {
    name,
    arguments: values.map((value) => ({ name: value, type: 'string' })),
    run: (node, machine) => {
      const texts = node.values.map((value) => machine.string(value) ?? '')
      act(texts, node, machine)
      return undefined
    },
  }
}

function look(node: Checked, machine: Machine, values: readonly string[]): boolean {
  const index = numberOf(node.options['index']?.value)
  const chosen = index === undefined ? values : values.slice(index - 1, index)
  return matches(node, machine, chosen, machine.texts(node.values[0]))
}

function textOf(error: unknown): string {
  if (error instanceof ScriptFailure) return `${error.problem.line}: ${error.message}`
  if (error instanceof TestFailed) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function isImplicit(action: SieveAction): boolean {
  return action.kind === 'file' && action.implicit
}

function isKeep(action: SieveAction): boolean {
  return action.kind === 'file' && action.mailbox === undefined
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
