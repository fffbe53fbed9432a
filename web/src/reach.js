// Files beside the page.

export const UNREACHED = 'unreached';

/** The answer; if there is no connection, or no server any more, an error that says just that. */
export async function reach(address) {
  const response = await fetch(address).catch(() => {
    throw new Error(UNREACHED);
  });
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  return response;
}
