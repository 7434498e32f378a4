import type { ResourceName } from '../../pipedrive/resources.ts'

/** An ObjectName is a kind of Pipedrive record that has a table. */
export type ObjectName = ResourceName

/** A Verb is what can be done with every object whose table lists it. */
export type Verb = 'get' | 'list' | 'search' | 'find' | 'create' | 'update' | 'delete' | 'findOrCreate' | 'createOrUpdate'
