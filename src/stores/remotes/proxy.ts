type Env = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for a URL; null when it is asked directly. Small letters count more than large. */
export function proxyFor(url: URL, env: Env): URL | null {
  const said = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const own = url.protocol === 'https:' ? said('HTTPS_PROXY') : said('HTTP_PROXY');
  const proxy = own ?? said('ALL_PROXY');
  if (proxy === undefined || isExcepted(url, said('NO_PROXY') ?? '')) return null;
  const written = proxy.includes('://') ? proxy : `http://${proxy}`;
  return URL.canParse(written) ? new URL(written) : null;
}

/** `*`, or hosts and domains (`.example.com`, `*.example.com`), each with a port or without. */
function isExcepted(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && only !== port) return false;
      if (name === '*') return true;
      const domain = name.replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}
