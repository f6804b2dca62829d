<?php

/**
 * Signs people in who come through Homepost's pages: it says who they are, and with which password their mail is to be had on its
 * ports for attached applications. docs/webmail-beside.md
 */
class homepost extends rcube_plugin
{
    public function init()
    {
        $this->add_hook('startup', [$this, 'startup']);
        $this->add_hook('authenticate', [$this, 'authenticate']);
        $this->add_hook('logout_after', [$this, 'logout']);
    }

    private function user(): string
    {
        return $_SERVER['HTTP_X_REMOTE_USER'] ?? '';
    }

    private function password(): string
    {
        return $_SERVER['HTTP_X_REMOTE_USER_TOKEN'] ?? '';
    }

    public function startup($args)
    {
        $rcmail = rcmail::get_instance();
        if ($this->user() === '') {
            http_response_code(403);
            exit('This webmail is reached through the pages of its mail server.');
        }
        // Somebody else has signed in there, or the same person again: what is kept here is of the session before.
        $isOther = !empty($_SESSION['user_id'])
            && ($_SESSION['username'] !== $this->user()
                || $rcmail->decrypt($_SESSION['password']) !== $this->password());
        if ($isOther) {
            $rcmail->kill_session();
        }
        if (empty($_SESSION['user_id']) && $args['task'] !== 'logout') {
            $args['task'] = 'login';
            $args['action'] = 'login';
        }
        return $args;
    }

    public function authenticate($args)
    {
        $args['user'] = $this->user();
        $args['pass'] = $this->password();
        $args['cookiecheck'] = false;
        $args['valid'] = true;
        return $args;
    }

    public function logout($args)
    {
        header('Location: /sso/logout');
        exit;
    }
}
