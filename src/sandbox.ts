/** A Pipedrive to develop and test against: the package `@dealbridge/sandbox`, under the name that this package has for it. */
export * from '@dealbridge/sandbox'
