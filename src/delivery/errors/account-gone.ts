/** An AccountGone says that work was left for an account whose last subscription has ended meanwhile. Nobody outside sees it. */
export class AccountGone extends Error {
  constructor(accountId: string) {
    super(`the account ${accountId} has no subscriptions any more`)
    this.name = 'AccountGone'
  }
}
