import { type BannedWord, bannedWords, type Part } from './banned-words.ts'
import { readSource, type SourceText } from './read-source.ts'

/** A Hit is one banned word in a file. */
export interface Hit {
  line: number
  word: string
  use: string
}

interface Passage {
  line: number
  text: string
}

const isSentence = (text: string): boolean => text.trim().split(/\s+/).length >= 3
/** A title is the first string of `test(…)`, or of what a table of cases is given to: `test.each(…)(…)`. */
const TITLE = /(?:\b(?:test|describe|verifies)(?:\.\w+)*|\))\((?:(?:""|\[(?:"",?)*\]),)?$/
const isTitle = ({ before }: SourceText): boolean => TITLE.test(before)

const passagesOf: Record<Part, (text: string) => Passage[]> = {
  page: (text) => pageText(text).map((line, index) => ({ line: index + 1, text: line })),
  strings: (text) => readSource(text).filter((one) => one.kind === 'string' && isSentence(one.text)),
  titles: (text) => readSource(text).filter((one) => one.kind === 'string' && isTitle(one)),
  comments: (text) => readSource(text).filter((one) => one.kind === 'comment'),
}

/** The lines of a page; what is code, a quotation or a block quote is blank, so that the numbers of lines stay. */
function pageText(text: string): string[] {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ')
  return text
    .replace(/^(`{3,}|~{3,})[^]*?^\1/gm, blank)
    .replace(/<!--[^]*?-->/g, blank)
    .replace(/^ *>.*$/gm, blank)
    .replace(/(`+)(?!`)[^]*?[^`]\1(?!`)/g, blank)
    .replace(/"[^"\n]*"|“[^”\n]*”/g, blank)
    .split('\n')
}

const pattern = ({ word, exceptBefore = [] }: BannedWord): RegExp =>
  new RegExp(
    `\\b${word.replaceAll(' ', '\\s+(?:\\*\\s+)?')}\\b${exceptBefore.length > 0 ? `(?!\\s+(?:${exceptBefore.join('|')})\\b)` : ''}`,
    'gi',
  )

/** The banned words in these parts of a file, by line. A phrase that two lines of a page share is not found. */
export function findWords(text: string, parts: readonly Part[], words: readonly BannedWord[] = bannedWords): Hit[] {
  const patterns = words.map((word) => ({ ...word, regex: pattern(word) }))
  return parts
    .flatMap((part) => passagesOf[part](text))
    .flatMap((passage) =>
      patterns.flatMap(({ word, use, regex }) =>
        [...passage.text.matchAll(regex)].map(({ index }) => ({
          line: passage.line + passage.text.slice(0, index).split('\n').length - 1,
          word,
          use,
        })),
      ),
    )
    .toSorted((a, b) => a.line - b.line)
}
