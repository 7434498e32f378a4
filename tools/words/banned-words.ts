/** A BannedWord is a word or phrase that the project does not use, and what to write in its place. */
export interface BannedWord {
  word: string
  use: string
  /** What follows where the word is right after all. */
  exceptBefore?: readonly string[]
}

/** Words that make a reader stop. Add one only when the repository is free of it, or together with the change that frees it. */
export const bannedWords: readonly BannedWord[] = [
  { word: 'anew', use: 'again' },
  { word: 'amid', use: 'during, between' },
  { word: 'whoever', use: 'the actor: the caller, the operator, the receiver' },
  { word: 'nobody', use: 'the actor, and "not" at the verb' },
  { word: 'somebody', use: 'the actor: a user, a caller, an operator' },
  { word: 'whatever', use: 'any, every' },
  { word: 'unless told', use: 'by default' },
  { word: 'of its own', use: 'its own … (a database of its own: its own database)' },
  { word: 'for good', use: 'permanently' },
  { word: 'for ever', use: 'without end, permanently' },
  { word: 'once more', use: 'again' },
  { word: 'in plain', use: 'readable', exceptBefore: ['text', 'technical', 'English'] },
  { word: 'be it', use: 'if, whether' },
  { word: 'hence', use: 'so' },
  { word: 'thus', use: 'so' },
  { word: 'likewise', use: 'also' },
  { word: 'the like', use: 'and similar; better: the list' },
  { word: 'at work', use: 'active, running' },
  { word: 'is told', use: 'receives', exceptBefore: ['apart'] },
  { word: 'are told', use: 'receive', exceptBefore: ['apart'] },
  { word: 'as it stands', use: 'unchanged' },
  { word: 'looks after', use: 'maintains, renews' },
  { word: 'hearers', use: 'recipients' },
]

/** A Part is what of a file is read: text of a page, sentences in string literals, titles of tests, comments. */
export type Part = 'page' | 'strings' | 'titles' | 'comments'

/** A Scope is a set of files, and the parts of them that the word list covers. The first scope that matches a file counts. */
export interface Scope {
  files: string
  parts: readonly Part[]
}

/** Not covered: `locales/`, which the contract fixes, Japanese, and code, quotations and block quotes inside pages. */
export const scopes: readonly Scope[] = [
  { files: '{README,CONTRIBUTING,SECURITY,CHANGELOG}.md', parts: ['page'] },
  { files: 'docs/*.md', parts: ['page'] },
  { files: 'sandbox/*.md', parts: ['page'] },
  { files: 'src/catalog/locales/*.ts', parts: [] },
  { files: 'tools/words/*.ts', parts: [] },
  { files: '{src,sandbox/src,tools,test,bench}/**/*.test.ts', parts: ['titles', 'comments'] },
  { files: '{src,sandbox/src,tools}/**/*.ts', parts: ['strings', 'comments'] },
]
