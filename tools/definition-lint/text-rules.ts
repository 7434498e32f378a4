import { sources, type JsonValue, type LintProblem, type LintRule } from './rule.ts'
import { isObject, objects, operationsOf, schemasOf, say } from './walk.ts'

/** The guidance says 80; the validator itself refuses from 121 on. */
const TITLE_LENGTH_MAX = 80
const CONNECTOR_TITLE_LENGTH_MAX = 30
const DESCRIPTION_LENGTH_MIN = 30
const DESCRIPTION_LENGTH_MAX = 500
const RESTRICTED = /\b(API|Connector|Power ?Apps|Power ?Automate|Logic ?Apps|Copilot ?Studio|Power ?Platform)\b/i
/** Small words stay small within a title. */
const SMALL = new Set(['a', 'an', 'and', 'as', 'at', 'by', 'for', 'from', 'in', 'of', 'on', 'or', 'the', 'to', 'with'])

interface Text {
  at: string
  title: string | undefined
  description: string | undefined
}
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const operationTexts = (document: JsonValue): Text[] =>
  operationsOf(document).map(({ at, operation }) => ({
    at,
    title: text(operation['summary']),
    description: text(operation['description']),
  }))
const fieldTexts = (document: JsonValue): Text[] => [
  // A $ref takes nothing beside it: its texts are those of what it refers to.
  ...schemasOf(document)
    .filter(({ named, schema }) => named && !('$ref' in schema))
    .map(({ at, schema }) => ({ at, title: text(schema['x-ms-summary']), description: text(schema['description']) })),
  ...operationsOf(document).flatMap(({ at, parameters }) =>
    parameters
      .filter((p) => p['in'] === 'body')
      .map((p) => ({ at: `${at}.${say(p['name'])}`, title: text(p['x-ms-summary']), description: text(p['description']) })),
  ),
]
/** Without what tells a sentence from a title. */
const bare = (words: string | undefined): string | undefined => words?.replace(/[.。]$/, '').toLowerCase()
const allTexts = (document: JsonValue) => [...operationTexts(document), ...fieldTexts(document)]
const info = (document: JsonValue): JsonValue => (isObject(document['info']) ? document['info'] : {})
const isUrl = (value: unknown) => typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value)

/** What people read: titles and descriptions. */
export const textRules: readonly LintRule[] = [
  {
    id: 'has-title',
    source: sources.extensions,
    check: (document) => allTexts(document).flatMap(({ at, title }): LintProblem[] => (title?.trim() ? [] : [[at, 'has no title']])),
  },
  {
    id: 'has-description',
    source: sources.strings,
    check: (document) =>
      allTexts(document).flatMap(({ at, description }): LintProblem[] => (description?.trim() ? [] : [[at, 'has no description']])),
  },
  {
    id: 'description-says-more',
    source: sources.strings,
    check: (document) =>
      allTexts(document)
        .filter(({ title, description }) => title !== undefined && bare(description) === bare(title))
        .map(({ at }): LintProblem => [at, 'is described by its title']),
  },
  {
    id: 'description-is-sentence',
    source: sources.strings,
    check: (document) =>
      allTexts(document)
        .filter(({ description }) => description !== undefined && !/[.。]$/.test(description))
        .map(({ at, description }): LintProblem => [at, `its description does not end in a period: ${description}`]),
  },
  {
    id: 'title-length',
    source: sources.strings,
    check: (document) =>
      allTexts(document)
        .filter(({ title }) => (title?.length ?? 0) > TITLE_LENGTH_MAX)
        .map(({ at }): LintProblem => [at, `its title is longer than ${TITLE_LENGTH_MAX} characters`]),
  },
  {
    id: 'title-characters',
    source: sources.strings,
    check: (document) =>
      operationTexts(document)
        .filter(({ title = '' }) => !/^[\p{L}\p{N}() ]*$/u.test(title))
        .map(({ at, title }): LintProblem => [at, `its title holds more than letters, digits and parentheses: ${title}`]),
  },
  {
    id: 'title-end',
    source: sources.validator,
    check: (document) =>
      allTexts(document)
        .filter(({ title = 'x' }) => !/[\p{L}\p{N})]$/u.test(title))
        .map(({ at, title }): LintProblem => [
          at,
          `its title ends in something else than a letter or digit (ValueMustEndWithAlphanumeric): ${title}`,
        ]),
  },
  {
    id: 'title-is-english',
    source: sources.validator,
    english: true,
    check: (document) =>
      [...allTexts(document), { at: 'info', title: text(info(document)['title']), description: text(info(document)['description']) }]
        // Latin letters, digits, and what stands between them; the names of other scripts are no English.
        .filter(({ title = '', description = '' }) => !/^[\p{Script=Latin}\p{Script=Common}]*$/u.test(title + description))
        .map(({ at }): LintProblem => [at, 'is not in English (ValueMustBeInEnglish)']),
  },
  {
    id: 'operation-title-case',
    source: sources.strings,
    english: true,
    check: (document) =>
      operationTexts(document)
        .filter(({ title = '' }) => !/^[A-Z]/.test(title) || /\s[A-Z][a-z]/.test(title))
        .map(({ at, title }): LintProblem => [at, `its title is not in sentence case: ${title}`]),
  },
  {
    id: 'field-title-case',
    source: sources.extensions,
    english: true,
    check: (document) =>
      fieldTexts(document)
        .filter(({ title = '' }) => title.split(/[\s-]/).some((word, at) => !/^[A-Z0-9]/.test(word) && (at === 0 || !SMALL.has(word))))
        .map(({ at, title }): LintProblem => [at, `its title is not in title case: ${title}`]),
  },
  {
    id: 'trigger-text',
    source: sources.strings,
    english: true,
    *check(document) {
      for (const { at, operation } of operationsOf(document)) {
        if (!operation['x-ms-trigger']) continue
        if (!/^When an? /.test(say(operation['summary']))) yield [at, 'its title does not begin with "When a"']
        if (!say(operation['description']).startsWith('This operation triggers when '))
          yield [at, 'its description does not say when it triggers']
      }
    },
  },
  {
    id: 'connector-title',
    source: sources.strings,
    *check(document) {
      const title = text(info(document)['title']) ?? ''
      if (title === '' || title.length > CONNECTOR_TITLE_LENGTH_MAX)
        yield ['info.title', `is not of 1 to ${CONNECTOR_TITLE_LENGTH_MAX} characters`]
      if (RESTRICTED.test(title)) yield ['info.title', 'holds a word that is kept for others (ValueContainsRestrictedWords)']
    },
  },
  {
    id: 'connector-description',
    source: sources.strings,
    *check(document) {
      const { length } = text(info(document)['description']) ?? ''
      if (length < DESCRIPTION_LENGTH_MIN || length > DESCRIPTION_LENGTH_MAX)
        yield ['info.description', `is not of ${DESCRIPTION_LENGTH_MIN} to ${DESCRIPTION_LENGTH_MAX} characters`]
    },
  },
  {
    id: 'addresses',
    source: sources.validator,
    *check(document) {
      const { contact, license } = info(document)
      for (const owner of [contact, license])
        if (isObject(owner) && 'url' in owner && !isUrl(owner['url'])) yield ['info', 'has a url that is none']
      if (isObject(contact) && 'email' in contact && !/^\S+@\S+\.\S+$/.test(say(contact['email'])))
        yield ['info.contact.email', 'is no e-mail address']
      const metadata = new Map(objects(document['x-ms-connector-metadata']).map((m) => [m['propertyName'], m['propertyValue']]))
      for (const name of ['Website', 'Privacy policy'])
        if (!isUrl(metadata.get(name))) yield ['x-ms-connector-metadata', `${name} is no address`]
      if (!text(metadata.get('Categories'))) yield ['x-ms-connector-metadata', 'Categories is missing']
    },
  },
]
