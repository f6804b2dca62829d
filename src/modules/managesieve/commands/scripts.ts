import type { TryLater } from '../../../ports/runtime.ts'
import type { SieveProblem } from '../../../ports/sieve.ts'
import type { NoRoom, ScriptChecked, SieveScripts } from '../../../ports/sieve-scripts.ts'
import { signedIn } from '../command.ts'
import {
  name,
  nameAndNumber,
  nameAndScript,
  nothing,
  script as scriptArgument,
  twoNames,
} from '../grammar/arguments.ts'
import { no, ok, type Reply, renderString } from '../reply.ts'
import type { Session } from '../session/session.ts'
import { replies } from '../texts.ts'

/** What a script is called that has no name: none can be empty. */
const unnamed = ''
/** Of what is wrong with a script; the first are what people look at. */
const mostProblems = 20

/** RFC 5804 §2.5. */
export const haveSpace = signedIn({
  parse: nameAndNumber,
  run: async ({ services }, { account }, asked) => {
    const room = await services.scripts.room(account, asked.name, asked.number)
    switch (room.kind) {
      case 'room':
        return replies.room
      case 'bad-name':
        return replies.badName
      case 'too-large':
      case 'too-many':
      case 'too-much':
        return noRoom(room)
    }
  },
})

/** RFC 5804 §2.6. */
export const putScript = signedIn({
  parse: nameAndScript,
  run: async (session, { account }, { name: scriptName, script }) => {
    const answer = await session.services.scripts.put(account, scriptName, script)
    if (answer.kind === 'stored') note(session, 'managesieve.script-stored')
    return putReply(answer, scriptName)
  },
})

function putReply(answer: Awaited<ReturnType<SieveScripts['put']>>, scriptName: string): Reply {
  switch (answer.kind) {
    case 'stored':
      return warned(answer.warnings, scriptName)
    case 'refused':
      return refused(answer.errors, scriptName)
    case 'bad-name':
      return replies.badName
    case 'no-account':
      return replies.noAccount
    case 'later':
      return later(answer)
    case 'too-large':
    case 'too-many':
    case 'too-much':
      return noRoom(answer)
  }
}

/** RFC 5804 §2.7. */
export const listScripts = signedIn({
  parse: nothing,
  run: async (session, { account }) => {
    for (const entry of await session.services.scripts.list(account))
      session.out.line(`${renderString(entry.name)}${entry.active ? ' ACTIVE' : ''}`)
    return replies.done
  },
})

/** RFC 5804 §2.8: an empty name switches all off. */
export const setActive = signedIn({
  parse: name,
  run: async (session, { account }, scriptName) => {
    const { scripts } = session.services
    if (scriptName === '') {
      const off = await scripts.deactivate(account)
      if (off.kind === 'later') return later(off)
      note(session, 'managesieve.script-deactivated')
      return replies.done
    }
    const answer = await scripts.activate(account, scriptName)
    switch (answer.kind) {
      case 'active':
        note(session, 'managesieve.script-activated')
        return warned(answer.warnings, scriptName)
      case 'refused':
        return refused(answer.errors, scriptName)
      case 'missing':
        return replies.noScript
      case 'later':
        return later(answer)
    }
  },
})

/** RFC 5804 §2.9. */
export const getScript = signedIn({
  parse: name,
  run: async ({ services, out }, { account }, scriptName) => {
    const text = await services.scripts.get(account, scriptName)
    if (text === undefined) return replies.noScript
    const octets = Buffer.from(text)
    out.line(`{${octets.length}}`)
    out.bytes(octets)
    out.line('')
    return replies.done
  },
})

/** RFC 5804 §2.10. */
export const deleteScript = signedIn({
  parse: name,
  run: async (session, { account }, scriptName) => {
    const answer = await session.services.scripts.remove(account, scriptName)
    switch (answer.kind) {
      case 'removed':
        note(session, 'managesieve.script-removed')
        return replies.done
      case 'missing':
        return replies.noScript
      case 'active':
        return replies.isActive
      case 'later':
        return later(answer)
    }
  },
})

/** RFC 5804 §2.11. */
export const renameScript = signedIn({
  parse: twoNames,
  run: async (session, { account }, { from, to }) => {
    const answer = await session.services.scripts.rename(account, from, to)
    switch (answer.kind) {
      case 'renamed':
        note(session, 'managesieve.script-renamed')
        return replies.done
      case 'missing':
        return replies.noScript
      case 'exists':
        return replies.nameTaken
      case 'bad-name':
        return replies.badName
      case 'later':
        return later(answer)
    }
  },
})

/** RFC 5804 §2.12. */
export const checkScript = signedIn({
  parse: scriptArgument,
  run: async ({ services }, { account }, script) => {
    const answer: ScriptChecked = await services.scripts.check(account, unnamed, script)
    switch (answer.kind) {
      case 'good':
        return warned(answer.warnings, unnamed)
      case 'refused':
        return refused(answer.errors, unnamed)
      case 'too-large':
        return noRoom(answer)
    }
  },
})

/** RFC 5804 §1.3: the script is good, and there is something to say about it. */
function warned(warnings: readonly SieveProblem[], scriptName: string): Reply {
  return warnings.length === 0 ? replies.done : ok(lines(warnings, scriptName, 'warning'), 'WARNINGS')
}

function refused(errors: readonly SieveProblem[], scriptName: string): Reply {
  return no(lines(errors, scriptName, 'error'))
}

function lines(problems: readonly SieveProblem[], scriptName: string, severity: 'error' | 'warning'): string {
  const shown = problems.slice(0, mostProblems).map((problem) => worded(problem, scriptName, severity))
  const more = problems.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\r\n')
}

/** As Pigeonhole words it: Roundcube marks line 2 where it reads `name: line 2: …`, so that of another script reads differently. */
function worded(
  { script, line, column, message }: SieveProblem,
  scriptName: string,
  severity: string,
): string {
  if (script !== scriptName)
    return `the included script '${script}', line ${line}, column ${column}: ${severity}: ${message}`
  const owner = scriptName === unnamed ? '' : `${scriptName}: `
  return `${owner}line ${line}: ${severity}: ${message} (column ${column})`
}

function noRoom(answer: NoRoom): Reply {
  switch (answer.kind) {
    case 'too-large':
      return no(`A script may have ${answer.mostBytes} octets`, 'QUOTA/MAXSIZE')
    case 'too-many':
      return no(`${answer.most} scripts are as many as can be kept`, 'QUOTA/MAXSCRIPTS')
    case 'too-much':
      return no(`All scripts together may have ${answer.mostBytes} octets`, 'QUOTA')
  }
}

const later = ({ text }: TryLater): Reply => no(text, 'TRYLATER')

/** Who changed what filters his mail stands in the log. */
function note({ services, connection, user }: Session, event: string): void {
  services.log.info(event, { connection: connection.id, account: user?.account })
}
