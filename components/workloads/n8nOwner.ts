/**
 * Claims an n8n that nobody owns, as its own setup page does: it asks for no login, and the first to call it becomes the
 * owner (controllers/owner.controller.js of 1.121.3, 1.123.50 and 2.41.3: POST /rest/owner/setup). n8n answers 400 where
 * there is an owner; then nothing was changed, whoever that is. N8N_INSTANCE_OWNER_MANAGED_BY_ENV (from 2.17) is no way
 * for us: it sets the owner's login and password back at each start.
 */
export const N8N_OWNER = `const { N8N_URL, OWNER_EMAIL, OWNER_PASSWORD } = process.env;
const answer = await fetch(N8N_URL + "/rest/owner/setup", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: OWNER_EMAIL, firstName: "KeyBuzz", lastName: "Owner", password: OWNER_PASSWORD }),
});
const said = await answer.text();
if (answer.ok) console.log("n8n's owner is " + OWNER_EMAIL);
else if (answer.status === 400 && said.includes("owner already setup"))
  console.log("n8n has an owner already: nothing was changed");
else {
  console.error("n8n was not claimed: it answered " + answer.status + ": " + said.slice(0, 300));
  process.exitCode = 1;
}
`;
