type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs to run at all, to find its tools and the way to the network. No variable in here holds a key of another provider. */
const handedOn = new Set(
  words(`
    PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM TMPDIR TMP TEMP
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERNAME USERPROFILE HOMEDRIVE HOMEPATH
    APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES CLAUDE_CODE_GIT_BASH_PATH
    HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR
  `),
);

/** Where the program keeps its own login. */
const ownLogin = new Set(["CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN"]);

/** Nothing is sent, fetched, remembered or retried beyond the requests of the call itself. */
const alone: Environment = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_TELEMETRY: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: "1",
  // Without it `@path` in a text, also in one that another agent wrote, would be answered with that file.
  CLAUDE_CODE_DISABLE_ATTACHMENTS: "1",
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: "1",
  CLAUDE_CODE_DISABLE_TERMINAL_TITLE: "1",
  // Tools of ours are shown as they are, not behind a search for them.
  ENABLE_TOOL_SEARCH: "false",
  // Retries are the run's business.
  CLAUDE_CODE_MAX_RETRIES: "0",
  CLAUDE_AGENT_SDK_CLIENT_APP: "massgen",
};

export interface ChildSettings {
  readonly environment: Environment;
  /** The root of the Messages API, where another than Anthropic's is meant. */
  readonly baseUrl: string | undefined;
  /** A folder of our own for the program's state; without it the program uses its own, with its own login. */
  readonly configFolder: string | undefined;
  /** Of one request. */
  readonly maxOutputTokens?: number;
  /** Only where it cannot be handed over in another way. */
  readonly apiKey?: string;
}

/** All variables of the program. It gets these and no others. */
export function childEnvironment(settings: ChildSettings): Record<string, string | undefined> {
  const { environment, baseUrl, configFolder, maxOutputTokens, apiKey } = settings;
  const usesOwnLogin = configFolder === undefined;
  const kept = Object.entries(environment).filter(
    ([name]) => handedOn.has(name.toUpperCase()) || name.startsWith("LC_") || (usesOwnLogin && ownLogin.has(name)),
  );
  return {
    ...Object.fromEntries(kept),
    ...alone,
    ...(configFolder !== undefined && { CLAUDE_CONFIG_DIR: configFolder }),
    ...(baseUrl !== undefined && { ANTHROPIC_BASE_URL: baseUrl }),
    ...(maxOutputTokens !== undefined && { CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens) }),
    ...(apiKey !== undefined && { ANTHROPIC_API_KEY: apiKey }),
  };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/u);
}
