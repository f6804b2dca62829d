import { type Findings, noMacros } from './findings.ts'

// What P. Lagadec's MacroRaptor looks for, as Mailu has it.
const startsItself =
  /\b(?:auto(?:exec|_?open|_?close|exit|new)|document(?:_?open|_close|_?beforeclose|change|_new)|newdocument|workbook(?:_open|_activate|_close|_beforeclose)|\w{1,255}_(?:painted|painting|gotfocus|lostfocus|mousehover|layout|click|change|resize|beforenavigate2|beforescriptexecute|documentcomplete|downloadbegin|downloadcomplete|filedownload|navigatecomplete2|navigateerror|progresschange|propertychange|setsecurelockicon|statustextchange|titlechange|mousemove|mouseenter|mouseleave|onconnecting))\b|auto_ope\b/i
const writes =
  /\b(?:filecopy|copyfile|kill|createtextfile|virtualalloc|rtlmovememory|urldownloadtofilea?|altstartuppath|writeprocessmemory|adodb\.stream|writetext|savetofile|saveas|saveasrtf|filesaveas|mkdir|rmdir|savesetting|setattr)\b/i
const runs =
  /\b(?:shell|createobject|getobject|sendkeys|run|call|macscript|followhyperlink|createthread|shellexecutea?|executeexcel4macro|exec|register|settimer)\b/i
/** [MS-VBAL] 5.4.5.1, and 5.2.3.5: looked for line by line, so that a long text costs no more than its length. */
const opensToWrite = [/\bopen\b/i, /\b(?:write|append|binary|output|random)\b/i] as const
const declaresFunction = [/\bdeclare\b/i, /\blib\b/i] as const

/** What code does, by the words in it. */
export function findingsIn(code: string): Findings {
  return {
    ...noMacros,
    hasMacros: true,
    startsItself: startsItself.exec(code)?.[0],
    writes: writes.exec(code)?.[0] ?? lineWith(code, opensToWrite),
    runs: runs.exec(code)?.[0] ?? lineWith(code, declaresFunction),
  }
}

/** The first word, where a line has it and the second behind it. */
function lineWith(code: string, [first, second]: readonly [RegExp, RegExp]): string | undefined {
  if (!first.test(code)) return undefined
  for (const line of code.split('\n')) {
    const found = first.exec(line)
    if (found && second.test(line.slice(found.index + found[0].length))) return found[0]
  }
  return undefined
}
