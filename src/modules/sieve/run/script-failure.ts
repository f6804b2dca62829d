import type { SieveProblem } from '../../../ports/sieve.ts'

/** A script cannot go on: thrown inside the interpreter alone, which makes an outcome of it. */
export class ScriptFailure extends Error {
  readonly problem: SieveProblem

  constructor(problem: SieveProblem) {
    super(problem.message)
    this.name = 'ScriptFailure'
    this.problem = problem
  }
}
