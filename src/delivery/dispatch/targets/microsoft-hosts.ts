/**
 * The hosts of the callback URLs of Power Automate and Logic Apps, by cloud, as Microsoft documents them for firewalls. A Standard logic app
 * has a host of Azure App Service instead (azurewebsites.net), where anyone can register a name: it needs the preset `any`.
 */
const SUFFIXES = [
  // Public.
  '.logic.azure.com',
  '.api.powerplatform.com',
  // US Government: all three, GCC, GCC High, DoD.
  '.logic.azure.us',
  '.api.gov.powerplatform.microsoft.us',
  '.api.high.powerplatform.microsoft.us',
  '.api.appsplatform.us',
  // China, operated by 21Vianet.
  '.logic.azure.cn',
  '.api.powerplatform.partner.microsoftonline.cn',
]

/** `hostname`: in lower case, as URL returns it. */
export const isMicrosoftHost = (hostname: string): boolean => SUFFIXES.some((suffix) => hostname.endsWith(suffix))
