/**
 * Makes the super admin of a Chatwoot without users, as its page for the first visitor does
 * (app/controllers/installation/onboarding_controller.rb of v3: AccountBuilder with super_admin), and closes that page.
 * Preparing an empty database opens it (db/seeds.rb): whoever comes first becomes super admin, and everybody else is
 * sent there. Where there are users they stay as they are.
 */
export const CHATWOOT_OWNER = `if User.exists?
  puts 'Chatwoot has users already: none was changed'
else
  AccountBuilder.new(
    account_name: 'KeyBuzz',
    user_full_name: 'KeyBuzz',
    email: ENV.fetch('OWNER_EMAIL'),
    user_password: ENV.fetch('OWNER_PASSWORD'),
    super_admin: true,
    confirmed: true
  ).perform
  puts "Chatwoot's super admin is #{ENV.fetch('OWNER_EMAIL')}"
end
closed = Redis::Alfred.delete(Redis::Alfred::CHATWOOT_INSTALLATION_ONBOARDING).to_i.positive?
puts "the first visitor's page was open, and is closed" if closed
`;
