import { expect, test } from 'vitest'
import { baseSubject } from './subject.ts'

test.each([
  ['Hello', 'Hello', false],
  ['Re: Hello', 'Hello', true],
  ['RE : Fwd: FW: Hello', 'Hello', true],
  ['Re[2]: Hello', 'Hello', true],
  ['[list] Re: [list] Hello', 'Hello', true],
  ['[list] Hello', 'Hello', false],
  ['[list]', '[list]', false],
  ['Re: [list]', '[list]', true],
  ['Hello (fwd)', 'Hello', true],
  ['Hello (fwd) (FWD)  ', 'Hello', true],
  ['[Fwd: Hello]', 'Hello', true],
  ['[Fwd: [Fwd: Re: Hello (fwd)]]', 'Hello', true],
  ['  many \t blanks\r\n here ', 'many blanks here', false],
  ['Regarding: x', 'Regarding: x', false],
  ['Re:', '', true],
  ['', '', false],
])('%j has the base %j', (subject, text, isReply) => {
  expect(baseSubject(subject)).toEqual({ text, isReply })
})
