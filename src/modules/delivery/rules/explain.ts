import type { SieveAction, SieveProblem, SieveReason } from '../../../ports/sieve.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'

const longestText = 200

/** What a rule does, and which line said so. */
export function sayAction(action: SieveAction): string {
  return `${what(action)}${why(action.by)}`
}

export function sayProblem({ script, line, message }: SieveProblem): string {
  return `${message} (line ${line} of "${script}")`
}

/** The verdict and its reasons. */
export function sayJudgement({ score, reasons }: Pick<Judgement, 'score' | 'reasons'>): string {
  const named = reasons.map((reason) => `${reason.name} ${reason.score}`).join(', ')
  return `judged: score ${score}${named === '' ? '' : ` (${named})`}`
}

function what(action: SieveAction): string {
  switch (action.kind) {
    case 'file': {
      const flags = action.flags.length > 0 ? `, flagged ${action.flags.join(' ')}` : ''
      const edited = action.version > 0 ? ', as the rules changed it' : ''
      return `filed in ${action.mailbox ?? 'INBOX'}${flags}${edited}`
    }
    case 'discard':
      return 'thrown away'
    case 'redirect':
      return `sent on to ${action.to}`
    case 'reject':
      return `refused: ${cut(action.reason.replace(/\s+/g, ' ').trim())}`
    case 'send':
      return action.purpose === 'vacation'
        ? `answered to ${action.to.join(', ')}, if not answered already`
        : `told to ${action.to.join(', ')}`
  }
}

function why(by: SieveReason | undefined): string {
  if (by === undefined) return ''
  const rule = by.rule === undefined ? '' : `rule "${by.rule}", `
  const tests = by.because.map(({ test }) => cut(test)).join(' and ')
  return ` (${rule}line ${by.line} of "${by.script}"${tests === '' ? '' : `: ${tests}`})`
}

function cut(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`
}
