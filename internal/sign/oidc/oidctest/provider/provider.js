// A real OpenID provider for tests: whoever is named signs in with any password. The words of a name decide what the provider says:
// "unverified…" has a mail address that nobody has verified, "nameless…" has none. It prints its issuer as the first line and ends when
// its standard input does.
import http from 'node:http';
import Provider from 'oidc-provider';

const [redirect, embedded] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {client_id: 'throughline', client_secret: 'a-secret-of-the-tests', redirect_uris: [redirect]},
      {client_id: 'public', token_endpoint_auth_method: 'none', redirect_uris: [redirect]},
    ],
    pkce: {required: () => true},
    claims: {openid: ['sub'], email: ['email', 'email_verified'], profile: ['name']},
    // By the standard, claims come from the userinfo endpoint in this flow; many providers put them into the ID token too.
    conformIdTokenClaims: embedded !== 'embedded',
    features: {devInteractions: {enabled: true}},
    cookies: {keys: ['a key of the tests']},
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        ...(id.startsWith('nameless') ? {} : {email: id, email_verified: !id.startsWith('unverified'), name: 'Somebody of the tests'}),
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
